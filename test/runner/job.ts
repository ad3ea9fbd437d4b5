/** One job in a process of its own: `node job.ts <name>`; sends its totals to the process that started it. */
import { treeOf } from '@microshop/native/supervision/process-group';
import { ended, endOnSignals, endWithStarter } from './ended.ts';
import { jobVariable, killStarted } from './left-behind.ts';
import { jobs } from './plan.ts';
import { single } from './totals.ts';

const [name] = process.argv.slice(2);
const job = jobs.find((one) => one.name === name);
if (job === undefined) throw new Error(`There is no job "${name}"`);

endOnSignals();
const letGo = endWithStarter();
ended.addEventListener('abort', () => {
  // a server that a test started with an environment of its own can be found while its test runs
  const started = treeOf(process.pid).filter(({ pid }) => pid !== process.pid);
  process.once('beforeExit', () => killStarted(process.env[jobVariable], started));
});

let totals = single(false);
try {
  totals = await job.run();
} finally {
  process.send?.(totals);
  letGo();
}
