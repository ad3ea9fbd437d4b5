/** One job in a process of its own: `node job.ts <name>`; sends its totals to the process that started it. */
import { listPids, statOf } from '@microshop/native/supervision/proc';
import { identify, isAlive, send } from '@microshop/native/supervision/process-group';
import { ended, endOnSignals, endRun } from './ended.ts';
import { jobs } from './plan.ts';
import { single } from './totals.ts';

/** Processes that this one started, and those that they started. */
function descendants(): number[] {
  const all = listPids().flatMap((pid) => statOf(pid) ?? []);
  const below = (parent: number): number[] =>
    all.filter(({ parentPid }) => parentPid === parent).flatMap(({ pid }) => [pid, ...below(pid)]);
  return below(process.pid);
}

const [name] = process.argv.slice(2);
const job = jobs.find((one) => one.name === name);
if (job === undefined) throw new Error(`There is no job "${name}"`);

endOnSignals();
// who asked for the totals is gone
process.once('disconnect', () => endRun('ended, as what started it did'));
// servers that a test started outlive it when it is ended: they are looked up while they can still be identified
ended.addEventListener('abort', () => {
  const started = descendants().flatMap((pid) => identify(pid) ?? []);
  process.once('beforeExit', () => {
    for (const one of started) if (isAlive(one)) send(one.pid, 'SIGKILL');
  });
});

let totals = single(false);
try {
  totals = await job.run();
} finally {
  process.send?.(totals);
  process.disconnect?.();
}
