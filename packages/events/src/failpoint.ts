/**
 * Failpoints: named places where a test can end this process, or make it fail, at exactly the wrong moment.
 *
 * They do nothing unless the process runs with `MESH_LAB=1`, which no usual way to start a mesh sets, and
 * `MESH_LAB_DIRECTORY`. Then a file in that directory, named as the failpoint, arms it. Its content says what happens:
 * `crash` (SIGKILL, once: the file is removed first) or `fail` (an error, each time, as long as the file is there).
 */
import { readFileSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Every failpoint, and the moment it stands for. */
export const failpoints = {
  'order.committed': 'the order and its event are committed, the client has no answer yet',
  'relay.woken': 'a commit has woken the relay, nothing is leased',
  'relay.leased': 'rows are leased, nothing is published',
  'relay.confirmed': 'the broker has the events, the rows are not marked',
  'consumer.handling': 'a transaction has begun and its messages are recorded, no effect is made',
  'consumer.batch': 'the effects of a batch are made, its transaction is not committed',
  'consumer.effect': 'the effect of one message is made, its transaction is not committed',
  'consumer.committed': 'the effect is committed, the message is not acked',
} as const;

/** Name of a failpoint. */
export type Failpoint = keyof typeof failpoints;

const directory = process.env['MESH_LAB'] === '1' ? process.env['MESH_LAB_DIRECTORY'] : undefined;

/** The process passes this place. Throws when it is armed with `fail`. Costs nothing when the lab is off. */
export const failpoint: (name: Failpoint) => void =
  directory === undefined ? () => undefined : (name) => pass(directory, name);

function pass(lab: string, name: Failpoint): void {
  const file = path.join(lab, name);
  const action = contentOf(file);
  if (action === 'fail') throw new Error(`Failpoint ${name} is armed`);
  if (action !== 'crash') return;
  try {
    // before the exit: a restarted process must not hit it again
    unlinkSync(file);
  } catch {
    // another process was first: that one exits
    return;
  }
  writeSync(2, `${JSON.stringify({ level: 'fatal', msg: `failpoint ${name} ends this process` })}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
