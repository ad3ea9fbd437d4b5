/** A process for tests whose work waits for a command; when it is interrupted, it takes a moment to set something back. */
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { interruptible } from '../interruptible.ts';

await interruptible(
  'Interrupted',
  async (cancelSignal) => {
    const command = execa('sleep', ['30'], { cancelSignal, reject: false });
    process.stdout.write('works\n');
    await command;
    await delay(300);
    process.stdout.write(`${cancelSignal.reason.message}: set back\n`);
  },
  new Error('Told to end'),
);
