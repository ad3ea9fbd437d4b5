import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';

/** A job that waits for a program, and whose end is a program as well; that one ends with the input of the job. */
const job = `
  import { execa } from ${JSON.stringify(import.meta.resolve('execa'))};
  import { ended, endOnSignals, endWithStarter } from ${JSON.stringify(import.meta.resolve('./ended.ts'))};
  endOnSignals();
  const letGo = endWithStarter();
  const running = execa('sleep', ['60'], { cancelSignal: ended, reject: false });
  console.log('under way');
  await running;
  console.log(ended.reason.message);
  await execa('cat', { stdin: 'inherit', stdout: 'ignore' });
  console.log('taken down');
  letGo();
`;

/** Starts it, and waits until it is under way. */
async function started(t: TestContext): Promise<{ readonly child: ChildProcess; said(): string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', job], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually('it is under way', () => said.includes('under way'));
  return { child, said: () => said };
}

test('a signal ends a job in order while a program runs for it, and none that follows cuts that short', async (t) => {
  const { child, said } = await started(t);
  child.kill('SIGTERM');
  await eventually('it says why', () => said().includes('ended by SIGTERM'));
  child.kill('SIGTERM');
  child.kill('SIGINT');
  child.stdin?.end();
  await once(child, 'close');
  assert.deepEqual([child.exitCode, said()], [0, 'under way\nended by SIGTERM\ntaken down\n']);
});

test('so does the end of what has started it', async (t) => {
  const { child, said } = await started(t);
  child.disconnect();
  await eventually('it says why', () => said().includes('as what started it did'));
  child.stdin?.end();
  // its channel is closed already, so that it never closes as a whole
  await once(child, 'exit');
  await eventually('it has said all', () => said().endsWith('taken down\n'));
  assert.deepEqual([child.exitCode, said()], [0, 'under way\nended, as what started it did\ntaken down\n']);
});
