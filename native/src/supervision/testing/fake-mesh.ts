/** Whole meshes of fake parts for tests, in a directory of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeRunDirectory, type RunDirectory, runDirectory } from '@microshop/program-kit/run-directory';
import type { RunnerEvent } from '@microshop/program-kit/runner-events';
import { bringDown } from '../bring-down.ts';
import { startDaemon } from '../daemon.ts';
import { eventLines } from '../events.ts';
import type { Part } from '../part.ts';
import { meshTimings, type Timings } from '../part.ts';
import { createSupervisor, type Supervisor } from '../supervisor.ts';
import { type SupervisorClient, supervisorClient } from '../supervisor-client.ts';
import { eventsFile, type FakeDescription, fakePart } from './fake-part.ts';

/** Times that let tests of back-off and limits end soon. */
export const quickTimings: Timings = {
  ...meshTimings,
  healthEveryMs: 10,
  startLimitMs: 10_000,
  backOffFirstMs: 20,
  backOffLongestMs: 80,
  filesEveryMs: 50,
};

/** A port nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

/** Directories of a test's own, removed after it and after what was started in them has ended. */
export interface TestPlace {
  readonly root: string;
  readonly directory: RunDirectory;
  /** Ends after the test what was started here; the directories are still there, for they tell what to end. */
  onEnd(end: () => Promise<unknown>): void;
  /** Path of a file the test may create: the gate of a fake part. */
  gate(name: string): string;
  open(gate: string): void;
  /** What the fake parts did so far, in order: `postgres healthy`. */
  events(): string[];
}

/** Makes the place of one test. */
export function testPlace(t: TestContext): TestPlace {
  const root = mkdtempSync(join(tmpdir(), 'mesh-runner-'));
  const ends: (() => Promise<unknown>)[] = [];
  // one hook for all: hooks of their own would run in the order they were set, the removal first
  t.after(async () => {
    for (const end of ends.reverse()) await end();
    rmSync(root, { recursive: true, force: true });
  });
  const directory = runDirectory(1, root, { XDG_RUNTIME_DIR: root });
  makeRunDirectory(directory);
  writeFileSync(eventsFile(root), '');
  return {
    root,
    directory,
    onEnd: (end) => void ends.push(end),
    gate: (name) => join(root, `${name}.gate`),
    open: (gate) => writeFileSync(gate, ''),
    events: () => readFileSync(eventsFile(root), 'utf8').trim().split('\n').filter(Boolean),
  };
}

/** Fake parts under a supervisor in this process. */
export function superviseFakes(
  place: TestPlace,
  descriptions: readonly FakeDescription[],
  timings: Timings = quickTimings,
  more: readonly Part[] = [],
  remember: () => void = () => undefined,
): { supervisor: Supervisor; events: RunnerEvent[] } {
  const events: RunnerEvent[] = [];
  const supervisor = createSupervisor(
    [...descriptions.map((description) => fakePart(description, place.root)), ...more],
    {
      log: (part) => join(place.directory.logs, `${part}.log`),
      runId: `test-${process.pid}`,
      timings,
      report: (event) => events.push(event),
      remember,
      forget: () => undefined,
    },
  );
  place.onEnd(() => supervisor.stopAll());
  return { supervisor, events };
}

/** A mesh of fake parts run by a supervisor process of its own. */
export interface FakeDaemon {
  readonly client: SupervisorClient;
  readonly lines: string[];
  up(descriptions: readonly FakeDescription[]): Promise<void>;
  down(limitMs?: number): Promise<boolean>;
}

/** A place and the supervisor that may run there; whatever it started is ended after the test. */
export function fakeDaemon(place: TestPlace): FakeDaemon {
  const lines: string[] = [];
  const { directory, root } = place;
  const down = (limitMs?: number) =>
    bringDown({
      directory,
      makeParts: () => [],
      onLine: (line) => lines.push(line),
      ...(limitMs === undefined ? {} : { limitMs }),
    });
  place.onEnd(() => down(2000));
  return {
    client: supervisorClient(directory),
    lines,
    up: (descriptions) =>
      startDaemon({
        directory,
        replicas: {},
        report: (event) => lines.push(...eventLines(event)),
        entry: fileURLToPath(new URL('./fake-daemon.ts', import.meta.url)),
        env: { XDG_RUNTIME_DIR: root, FAKE_MESH: JSON.stringify({ root, descriptions }) },
      }),
    down,
  };
}
