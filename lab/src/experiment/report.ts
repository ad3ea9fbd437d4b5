/** A run as `report.json` holds it, and as lines for people. */
import path from 'node:path';
import { columns } from '@microshop/cli/output/columns';
import { folded } from '@microshop/cli/output/output';
import { inContainers } from '@microshop/program-kit/typed-here';
import { requestDeadlineMs } from '@microshop/topology';
import type { Environment } from '../bench/results/schemas.ts';
import type { Timeline } from './answers.ts';
import { phaseNames } from './definition.ts';
import { type Facts, hasRecovered } from './facts.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** A run with everything that was found. */
export interface Report extends Verdict, Facts {
  readonly name: string;
  readonly hypothesis: string;
  /** Limit of an order, milliseconds: what the percentiles stand beside. */
  readonly deadline_ms: number;
  readonly timeline: Timeline;
  readonly environment: Environment;
  /** What runs the same again. */
  readonly command: string;
}

/** Where and as what it was run. */
export type Circumstances = Pick<Report, 'timeline' | 'environment' | 'command'>;

/** Judges the facts. */
export function reportOf(facts: Facts, circumstances: Circumstances): Report {
  const { name, hypothesis } = facts.experiment;
  return {
    name,
    hypothesis,
    ...verdictOf(facts),
    deadline_ms: requestDeadlineMs,
    ...circumstances,
    ...facts,
  };
}

const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(0)} ms`);
const counted = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

/** A line with its name before it; what is too long goes on below. */
function line(name: string, text: string): string[] {
  return folded(`${name.padEnd(12)}${text}`, undefined, ' '.repeat(12));
}

/** Where a run is kept. */
export interface Kept {
  /** `report.json`; beside it lie the ledger, and the report and the summary of k6. */
  readonly file: string;
  /** The page for a browser. */
  readonly page: string;
}

/** Lines of a report. */
export function reportLines(report: Report, kept: Kept): string[] {
  const { phases, audit, traces, breakers, timeline } = report;
  const rows = phaseNames.map((name) => {
    const { seconds, buyers, success, p50_ms, p95_ms, p99_ms } = phases[name];
    return [
      name,
      `${seconds.toFixed(1)} s`,
      String(buyers),
      percent(success),
      ms(p50_ms),
      ms(p95_ms),
      ms(p99_ms),
    ];
  });
  const layers = phaseNames.flatMap((name) =>
    phases[name].layers
      .filter(({ attempts }) => attempts > 0)
      .map(({ layer, calls, attempts, attempts_per_call, actual_success }) => [
        name,
        layer,
        String(calls),
        String(attempts),
        attempts_per_call?.toFixed(2) ?? '–',
        percent(actual_success),
      ]),
  );
  const opened = breakers.map(
    ({ t, breaker, state }) => `${breaker} ${state} at ${((t - timeline.fault.from) / 1000).toFixed(1)} s`,
  );
  return [
    report.name,
    ...line('claim', report.hypothesis),
    '',
    ...columns(['phase', 'length', 'buyers', 'got an order', 'p50', 'p95', 'p99'], rows, [
      'length',
      'buyers',
      'got an order',
      'p50',
      'p95',
      'p99',
    ]),
    `deadline of an order: ${report.deadline_ms} ms`,
    '',
    ...columns(['phase', 'layer', 'calls', 'attempts', 'per call', 'answered well'], layers, [
      'calls',
      'attempts',
      'per call',
      'answered well',
    ]),
    '',
    ...line('witness', report.witness.saw),
    ...line('failures', counted(report.codes)),
    ...line(
      'recovered',
      hasRecovered(report)
        ? `${report.recovery_s.toFixed(1)} s after the end of the fault`
        : `not within ${report.recovery_s.toFixed(1)} s after the end of the fault`,
    ),
    ...line(
      'breakers',
      opened.length === 0
        ? 'no report'
        : `${opened.join(', ')} (0 s: the fault begins; reported up to 10 s late)`,
    ),
    ...line('audit', audit.invariants.map(({ id, verdict }) => `${id} ${verdict}`).join(', ')),
    ...line(
      'traces',
      report.experiment.traces === 'whole'
        ? [
            `${traces.complete} complete, ${traces.incomplete} incomplete`,
            ...(traces.unprovable === 0 ? [] : [`${traces.unprovable} unprovable`]),
            `${traces.unjudged} not judged`,
          ].join(', ')
        : 'unprovable: a process dies or hangs that has spans to send',
    ),
    ...line('machine', `${percent(report.drift)} as fast after the run as before it`),
    '',
    `verdict     ${report.verdict}`,
    ...report.reasons.flatMap((reason) => folded(`  ${reason}`, undefined, '    ')),
    '',
    ...keptLines(kept),
  ];
}

/** Where a run is kept. */
export function keptLines({ file, page }: Kept): string[] {
  return [`report      ${file}`, `page        ${page}`, ...fetchLines(file)];
}

/** How the folder of that file comes out of its volume; nothing to print where the file is on this machine. */
export function fetchLines(file: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return inContainers(env) ? [`fetch       docker compose cp control:${path.dirname(file)} .`] : [];
}
