/**
 * A small server for tests of the runner: one process with the behaviour given as JSON. What it does is appended to
 * a file of events, so that tests see the order across processes.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { FakeBehaviour } from './fake-part.ts';

const behaviour: FakeBehaviour & { name: string; events: string; healthy: string } = JSON.parse(
  process.argv[2] ?? '{}',
);
const tell = (what: string) => appendFileSync(behaviour.events, `${behaviour.name} ${what}\n`);

tell('started');
process.stdout.write(`${behaviour.name} says hello\n`);
process.on('SIGTERM', () => {
  if (behaviour.ignoresTerm === true) return;
  tell('ended');
  rmSync(behaviour.healthy, { force: true });
  process.exit(0);
});

if (behaviour.child === true) {
  const child = spawn(
    process.execPath,
    ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'],
    {
      stdio: 'ignore',
    },
  );
  tell(`child ${child.pid}`);
}
if (behaviour.port !== undefined) createServer().listen(behaviour.port, '127.0.0.1');
if (behaviour.diesAtOnce === true) {
  process.stderr.write('the database is on fire\n');
  process.exit(3);
}

// healthy once the gate is open, which a test opens; at once without a gate
const beat = setInterval(() => {
  if (behaviour.gate !== undefined && !existsSync(behaviour.gate)) return;
  clearInterval(beat);
  tell('healthy');
  writeFileSync(behaviour.healthy, '');
}, 10);
setInterval(() => undefined, 1000);
