/** The figure for people. */
import { styled } from '../cli/style.ts';
import type { Figure } from './figure.ts';

/** Lines of `./mesh status` about traces. */
export function figureLines(figure: Figure | null): string[] {
  if (figure === null) return ['Traces: the control service does not tell'];
  const { complete, incomplete, unprovable, waiting } = figure.orders;
  const provable = complete + incomplete;
  const whole = `${complete} of ${provable} provable orders have a whole trace`;
  const rest = [
    ...(unprovable > 0 ? [`${unprovable} unprovable`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ].map((text) => `, ${text}`);
  const minutes = `last ${figure.window_s / 60} min`;
  return [
    `Traces (${minutes}): ${styled(incomplete === 0 ? 'green' : 'red', whole)}${rest.join('')}`,
    ...figure.missing.map(
      ({ hop, orders, trace_id: traceId }) => `  missing in ${orders}: ${hop} (./mesh trace ${traceId})`,
    ),
  ];
}
