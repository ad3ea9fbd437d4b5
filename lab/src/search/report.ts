/** A search as `report.json` holds it, and as lines for people. */
import { exitCodes } from '@microshop/cli/output/errors';
import { folded } from '@microshop/cli/output/output';
import { durationText } from '@microshop/cli/output/values';
import { quoted } from '@microshop/program-kit/typed-here';
import { faultCommand } from '../experiment/definition.ts';
import { fetchLines } from '../experiment/report.ts';
import type { VerdictName } from '../experiment/verdict.ts';
import type { Schedule } from './schedule.ts';
import { countsOf, type Learnt, type SearchPlan } from './search.ts';

/** A search with everything that was learnt. */
export interface SearchReport extends Learnt {
  readonly name: string;
  readonly hypothesis: string;
  /** `PASS`: nothing was broken, and something was proven. */
  readonly verdict: VerdictName;
  readonly reasons: readonly string[];
  /** What runs the same again. */
  readonly command: string;
  readonly plan: SearchPlan;
  readonly counts: ReturnType<typeof countsOf>;
}

/** Exit code of a search: 0 nothing was broken, 1 something was, 3 it proved nothing. */
export const searchCodes: Readonly<Record<VerdictName, number>> = {
  PASS: exitCodes.done,
  FAIL: exitCodes.failed,
  INVALID: exitCodes.unproven,
};

/** The command that draws the same again. */
export function commandOf({ seed, for_ms: forMs, rate, repeat, shrink_ms: shrinkMs, planted }: SearchPlan) {
  return [
    `./mesh experiment search --seed ${seed} --for ${durationText(forMs)} --rate ${rate}`,
    `--repeat ${repeat} --shrink-for ${durationText(shrinkMs)}`,
    ...(planted === undefined ? [] : [`--planted ${planted}`]),
  ].join(' ');
}

/** The report; `command` is {@link commandOf} as it is typed here. */
export function searchReport(plan: SearchPlan, learnt: Learnt, command: string): SearchReport {
  const counts = countsOf(learnt.tried);
  return {
    name: 'search',
    hypothesis: `No schedule of faults that seed ${plan.seed} draws breaks an invariant.`,
    ...verdictOf(learnt, counts.counted),
    command,
    plan,
    counts,
    ...learnt,
  };
}

function verdictOf({ found, ended_early: early, tried }: Learnt, counted: number) {
  if (found !== null) return { verdict: 'FAIL', reasons: found.reasons } as const;
  const reasons = [
    ...(early === null ? [] : [`the search ended early: ${early}`]),
    ...(counted > 0 ? [] : ['no schedule counts', ...new Set(tried.flatMap((one) => one.reasons))]),
  ];
  return { verdict: reasons.length > 0 ? 'INVALID' : 'PASS', reasons } as const;
}

/** A schedule as people read it: a line for each fault. */
function scheduleLines({ load, faults }: Schedule): string[] {
  return [
    `  ${load.rate} buyers per second, faults within ${load.seconds} s`,
    ...faults.flatMap((fault) =>
      folded(`  ${faultCommand({ kind: 'timeline', faults: [fault] })}`, undefined, '    '),
    ),
  ];
}

/** Where it is kept. */
export interface SearchKept {
  /** `report.json`. */
  readonly file: string;
  /** The smallest schedule, when something was broken, as it is typed. */
  readonly schedule: string;
}

/** Lines of a search. */
export function searchLines(report: SearchReport, { file, schedule }: SearchKept): string[] {
  const { counts, found, plan, tried, verdict, reasons } = report;
  const planted = plan.planted === undefined ? '' : ` --planted ${plan.planted}`;
  return [
    ...(found === null
      ? []
      : [
          'smallest schedule that breaks it',
          ...scheduleLines(found.smallest),
          `found after ${durationText(1000 * Math.round(found.after_ms / 1000))}; broke in ${found.claim.breaks} of ${found.claim.runs} runs; as it was drawn it has ${found.first.faults.length} faults in ${found.first.load.seconds} s`,
          ...(found.left_off === null ? [] : [`it was not made as small as can be: ${found.left_off}`]),
          '',
        ]),
    `schedules   ${counts.tried} tried, ${counts.counted} of them count`,
    `faults      ${counts.landed} of ${counts.faults} landed`,
    `invariants  ${counts.checked} checked`,
    `seed        ${plan.seed}`,
    ...tried.flatMap((one, index) =>
      one.unproven === undefined
        ? []
        : folded(`unproven    schedule ${index + 1} ${one.reasons.join('; ')}`, undefined, ' '.repeat(12)),
    ),
    '',
    `verdict     ${verdict}`,
    ...reasons.flatMap((reason) => folded(`  ${reason}`, undefined, '    ')),
    '',
    ...(found === null ? [] : [`again       ./mesh experiment run ${quoted(schedule)}${planted}`]),
    `report      ${file}`,
    ...fetchLines(file),
  ];
}
