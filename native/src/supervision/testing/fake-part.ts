/** Parts for tests of the runner: real child processes that do nothing but what the test asks of them. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part } from '../part.ts';

/** What a fake server does. */
export interface FakeBehaviour {
  /** File that must exist before it becomes healthy. */
  readonly gate?: string;
  /** Writes an error and ends with code 3 right after its start. */
  readonly diesAtOnce?: boolean;
  /** Does not end at SIGTERM. */
  readonly ignoresTerm?: boolean;
  /** Starts a child in its group that ignores SIGTERM; its pid is reported as the event `child <pid>`. */
  readonly child?: boolean;
  /** Listens there, on 127.0.0.1. */
  readonly port?: number;
}

/** One fake part, as plain data: it can be handed to another process. */
export interface FakeDescription extends FakeBehaviour {
  readonly name: string;
  readonly dependsOn?: readonly string[];
  readonly stopTimeoutMs?: number;
}

const server = fileURLToPath(new URL('./fake-server.ts', import.meta.url));

/** File all fake parts of a mesh write what they do to. */
export function eventsFile(directory: string): string {
  return join(directory, 'events');
}

/** The part of a description; `directory` is the test's own. */
export function fakePart(description: FakeDescription, directory: string): Part {
  const { name, dependsOn = [], stopTimeoutMs = 5000, ...behaviour } = description;
  const healthy = join(directory, `${name}.healthy`);
  const settings = { ...behaviour, name, healthy, events: eventsFile(directory) };
  return {
    name,
    kind: 'server',
    dependsOn,
    stopTimeoutMs,
    ports:
      description.port === undefined
        ? []
        : [
            {
              host: '127.0.0.1',
              port: description.port,
              purpose: `${name} (MESH_PORT_${name.toUpperCase()})`,
            },
          ],
    prepare: async () => rmSync(healthy, { force: true }),
    process: () => ({ file: process.execPath, args: [server, JSON.stringify(settings)], env: {} }),
    healthy: async () => existsSync(healthy),
  };
}
