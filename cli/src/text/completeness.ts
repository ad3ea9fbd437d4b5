/** The figure for people. */

import type { Figure } from '@microshop/control/completeness/figure';
import { usualLimits } from '@microshop/control/completeness/judging';
import { styled } from '../output/style.ts';

/** Lines of `./mesh status` about traces, each of at most 100 columns. */
export function figureLines(figure: Figure | null): string[] {
  if (figure === null) return ['Traces: the control service does not tell'];
  const { unproven } = figure.orders;
  return [
    `Traces (last ${figure.window_s / 60} min): ${verdict(figure)}`,
    ...shareLines(figure),
    ...(unproven > 0
      ? [
          styled(
            'yellow',
            `  ${unproven} unproven: no trace in Jaeger, or not ended, by the deadline; not counted as whole`,
          ),
        ]
      : []),
    ...figure.missing.flatMap(({ hop, orders, trace_id: traceId }) => [
      `  missing in ${orders}: ${hop}`,
      `    ./mesh trace ${traceId}`,
    ]),
  ];
}

function verdict({ placed, ratio, orders }: Figure): string {
  const { complete, incomplete, unprovable, unproven, waiting } = orders;
  const all = complete + incomplete + unprovable + unproven + waiting;
  // younger ones are not looked for, so nobody can say here that none was placed
  if (placed === 0 && all === 0) return `no order older than ${usualLimits.settleMs / 1000} s to judge`;
  const rest = [
    ...(unprovable > 0 ? [`${unprovable} unprovable`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ];
  if (ratio === null) {
    const judged = `${complete + incomplete} judged`;
    return styled('yellow', ['cannot tell', judged, ...rest].join(', '));
  }
  const whole = `${complete} of ${complete + incomplete} provable orders have a whole trace`;
  return [styled(incomplete === 0 ? 'green' : 'red', whole), ...rest].join(', ');
}

function shareLines({ share, placed, ratio }: Figure): string[] {
  if (share === null || share === 1) return [];
  const judged = `${percent(share)} of ${placed} orders judged, chosen by trace id`;
  return [ratio === null ? `  ${judged}` : `  ${judged}; of all of them ${percent(ratio)} are whole`];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
