/** Runs one experiment on the running mesh, and gives the mesh back as it was. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { parseLedger } from '@microshop/control/audit/ledger';
import type { Audit } from '@microshop/control/audit/report';
import { messageOf, unwritable } from '@microshop/program-kit/errors';
import { experimentFiles, runStamp } from '@microshop/program-kit/run-directory';
import { helpHere, quoted } from '@microshop/program-kit/typed-here';
import { edgeNamed } from '@microshop/topology';
import { readEnvironment } from '../bench/results/environment.ts';
import { endEdited, startEdited } from '../mutants/restarted.ts';
import {
  type Answer,
  codesOf,
  linesOfAll,
  phaseAnswers,
  quantileMs,
  recoverySeconds,
  wholeLines,
} from './answers.ts';
import { auditSince } from './audit-since.ts';
import { type Course, type Laboratory, runCourse } from './course.ts';
import { type Experiment, type PhaseName, phaseNames, typedName } from './definition.ts';
import type { Facts, Phase } from './facts.ts';
import { faultsLeft } from './faults-left.ts';
import { type FurtherLoad, furtherLoad } from './further-load.ts';
import { layersBetween } from './layers.ts';
import { dropLetters, type Letters, lettersBefore, lettersExplained, lettersIn } from './letters.ts';
import { type LoadLeft, readLoadLeft } from './load-left.ts';
import { sliceMs } from './machine-speed.ts';
import type { ShownOrder } from './page/orders.ts';
import { type PageParts, pageOf } from './page/page.ts';
import type { Hands } from './part-faults.ts';
import { onPlainMesh } from './plain-mesh.ts';
import { refuseOtherReplicas } from './replicas.ts';
import { type Kept, type Report, reportOf } from './report.ts';
import { settledWithin } from './settled.ts';
import { judgeTraces, seenTwice, stillKept } from './traces.ts';

/** Time the mesh has to settle after the load, milliseconds (I4). */
const settleMs = 30_000;

/** The same before a schedule, milliseconds: nothing should be on its way by then. */
const settledBeforeMs = 10_000;

/** Requests whose traces a page shows: the slowest, and those that are not whole, at most so many of each. */
const shownSlowest = 10;
const shownIncomplete = 100;

/** A report with where it is kept. */
export interface Run extends Kept {
  readonly report: Report;
}

/**
 * Runs it and judges. Throws `ProvedNothing` when the mesh is not as an experiment needs it. Whatever it throws, the policies
 * are the topology's again by then, and the fault is gone; the control service sees to that should this process be gone.
 */
export async function runExperiment(experiment: Experiment, lab: Laboratory): Promise<Run> {
  refuseOtherReplicas([experiment], (await lab.client.status())?.replicas ?? {});
  return await onPlainMesh(lab, (here) => runOnLease(experiment, here));
}

/** The same on a plain mesh whose policies are leased. */
export async function runOnLease(experiment: Experiment, lab: Laboratory): Promise<Run> {
  const directory = path.join(lab.reports, `${experiment.name}-${runStamp()}`);
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw unwritable(lab.reports, error);
  });
  const policies = experiment.policies ?? [];
  const letters = await lettersBefore(lab.control, lab.interrupted, (reason) =>
    lab.onProgress(`${experiment.name}: waits for the queues (${messageOf(reason)})`),
  );
  const earlier = experiment.schedule === undefined ? undefined : await settledAudit(lab);
  const before = await sliceMs(lab.speed);
  try {
    if (experiment.code !== undefined) await startEdited(experiment.code, lab);
    for (const { edge, change } of policies) {
      const { waiting_for: waiting } = await lab.control.changePolicy(edge, change);
      if (waiting.length > 0) throw new ProvedNothing(`The policy is not in effect at ${waiting.join(', ')}`);
    }
    const course = await runCourse(experiment, lab, directory);
    const { timeline } = course;
    const load = await readLoadLeft(directory, course.load_ended);
    const facts = await factsOf(experiment, lab, course, load, {
      slice: before,
      letters,
      audit: earlier,
      further: await furtherLoad(experiment.fault, course, directory),
    });
    const report = reportOf(facts, {
      timeline,
      environment: await readEnvironment(),
      command: helpHere(commandOf(experiment, lab.applyFault)),
    });
    const file = path.join(directory, experimentFiles.report);
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
    const page = path.join(directory, experimentFiles.page);
    await writeFile(page, pageOf(report, await pageParts(report, load, lab)));
    return { report, file, page };
  } finally {
    await giveBack(experiment, letters, lab);
  }
}

/** What is given back, and with what. */
export interface Returning extends Pick<Laboratory, 'mutants'> {
  readonly control: Pick<Laboratory['control'], 'clearFaults' | 'audit' | 'deadLetters' | 'drop'>;
  readonly client: Pick<Laboratory['client'], 'act'>;
}

/**
 * Changes back what a run has changed: code also when the control service cannot be asked to end faults, which end by themselves. Throws
 * what that service throws.
 */
export async function giveBack(
  { code }: Pick<Experiment, 'code'>,
  letters: Letters,
  lab: Returning,
): Promise<void> {
  try {
    await lab.control.clearFaults();
  } finally {
    // the caller's own edits are the caller's to undo
    if (code !== undefined) await endEdited(lab);
  }
  // with the plain code back, further messages may be set aside
  if (code !== undefined) await lab.control.audit(settleMs, undefined);
  await dropLetters(letters, lab.control);
}

/** An audit before anything is done. Throws `ProvedNothing` when something is on its way that the run would be blamed for. */
async function settledAudit(hands: Hands): Promise<Audit> {
  const audit = await settledWithin(hands, settledBeforeMs);
  if (audit.settled) return audit;
  const why = audit.invariants.find(({ id }) => id === 'I4')?.why;
  throw new ProvedNothing(
    `INVALID: the mesh had not settled before the run: ${why ?? 'for an unknown reason'}`,
  );
}

/** What is found once the load is over. */
async function factsOf(
  experiment: Experiment,
  lab: Laboratory,
  course: Course,
  { ledger, answers, dropped }: LoadLeft,
  before: {
    readonly slice: number;
    readonly letters: Letters;
    readonly audit: Audit | undefined;
    readonly further: FurtherLoad;
  },
): Promise<Facts> {
  const { timeline, counts, witness, interrupted, breakers } = course;
  const accepted = answers.filter(({ status }) => status === 201);
  const { further } = before;
  const judged = stillKept(accepted, [...answers, ...further.answers]);
  lab.onProgress(`${experiment.name}: settles; then the audit, and ${judged.length} traces`);
  const found = await lab.control.audit(
    settleMs,
    parseLedger(`${wholeLines(ledger)}${further.ledger}`),
    before.audit?.ids.stuck ?? [],
  );
  const audit = before.audit === undefined ? found : auditSince(before.audit, found);
  // the mesh has settled, and Jaeger is not read yet
  const drift = before.slice / (await sliceMs(lab.speed));
  const traces = await judgeTraces(
    lab.control,
    experiment.traces === 'whole' ? judged.map(({ trace_id }) => trace_id) : [],
    { lossy: experiment.schedule?.lossy ?? [], lossyUntil: timeline.fault.to },
  );
  const explained = await lettersExplained(
    before.letters,
    { unconfirmed: witness.messages_unconfirmed ?? 0, late: witness.messages_late ?? [] },
    lab.control,
  );
  const measured = answers.filter(({ t }) => t >= timeline.steady.from);
  const { policies } = await lab.control.policies();
  const phase = (name: PhaseName): Phase => ({
    ...phaseAnswers(answers, timeline[name]),
    layers: layersBetween(...counts[name]),
  });
  const { rate_per_s: rate } = phaseAnswers(answers, linesOfAll(timeline.heal));
  return {
    experiment,
    interrupted,
    clock_step_ms: course.clock_step_ms,
    phases: { steady: phase('steady'), fault: phase('fault'), heal: { ...phase('heal'), rate_per_s: rate } },
    layers: layersBetween(counts.steady[0], counts.heal[1]),
    p99_ms: quantileMs(measured, 0.99),
    codes: codesOf([
      ...answers.filter(({ t }) => t >= timeline.steady.to),
      ...(experiment.schedule === undefined ? [] : further.wrong),
    ]),
    dropped,
    drift,
    witness: { ...witness, messages_left: Math.max(0, (witness.messages_left ?? 0) - explained.late) },
    audit,
    traces,
    seen_twice:
      experiment.schedule === undefined
        ? []
        : await seenTwice(
            lab.control,
            measured
              .filter(({ t }) => t >= timeline.fault.from && t < timeline.heal.from)
              .map(({ trace_id }) => trace_id),
          ),
    faults_left: await faultsLeft(lab.placement),
    tries: Object.fromEntries(
      policies
        .filter(({ caller }) => experiment.schedule?.uncounted.includes(caller) !== true)
        .map((policy) => [edgeNamed(policy), Number(policy.policy['tries'] ?? 1)]),
    ),
    recovery_s: recoverySeconds(answers, timeline.heal),
    breakers,
    accepted: accepted.length,
    letters_before: lettersIn(before.letters),
    letters_explained: explained.letters,
  };
}

/** The command that runs the same again, with every length. */
export function commandOf(
  { name, seconds, schedule }: Pick<Experiment, 'name' | 'seconds' | 'schedule'>,
  withFault: boolean,
): string {
  if (schedule !== undefined) {
    const { file, planted } = schedule;
    return [
      './mesh experiment run',
      quoted(file),
      ...(withFault ? [] : ['--without-fault']),
      ...(planted === undefined ? [] : ['--planted', planted]),
    ].join(' ');
  }
  return [
    './mesh experiment run',
    typedName(name),
    ...(withFault ? [] : ['--without-fault']),
    ...phaseNames.map((phase) => `--${phase} ${seconds[phase]}s`),
  ].join(' ');
}

/** What of the load and of Jaeger stands on the page. */
async function pageParts(
  { timeline, traces }: Report,
  { answers }: LoadLeft,
  { control }: Hands,
): Promise<PageParts> {
  const measured = answers.filter(({ t }) => t >= timeline.steady.from);
  const slowest = measured.toSorted((one, other) => other.ms - one.ms).slice(0, shownSlowest);
  const ids = new Set(traces.incomplete_ids.slice(0, shownIncomplete));
  // a request that was never answered has no trace id
  const shown = (answer: Answer): Promise<ShownOrder> =>
    control.trace(answer.trace_id).then(
      (trace) => ({ answer, trace }),
      () => ({ answer, trace: undefined }),
    );
  return {
    answers,
    slowest: await Promise.all(slowest.map(shown)),
    incomplete: await Promise.all(answers.filter(({ trace_id }) => ids.has(trace_id)).map(shown)),
  };
}
