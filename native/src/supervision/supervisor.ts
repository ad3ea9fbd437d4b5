/** All parts together: started in the order of their dependencies, ended in the reverse. */
import { InvalidInputError } from '@microshop/program-kit/errors';
import type { Report } from './events.ts';
import type { Part } from './part.ts';
import { createPartRunner, type PartRunner, type PartRunnerContext, type PartStatus } from './part-runner.ts';

/** Thrown when no part has the name that is asked for. */
export class UnknownPartError extends InvalidInputError {
  override readonly name: string = 'UnknownPartError';
  readonly part: string;
  readonly known: readonly string[];
  constructor(part: string, known: readonly string[]) {
    super(`There is no part "${part}"; the parts are ${known.join(', ')}`);
    this.part = part;
    this.known = known;
  }
}

/** What the whole mesh is doing. */
export type SupervisorState = 'starting' | 'up' | 'stopping';

/** All parts of one mesh under supervision. */
export interface Supervisor {
  readonly state: () => SupervisorState;
  /**
   * Starts everything, each part when all it depends on is healthy (or live, where it has `early`); ready when all are, but for those that join later.
   * Rejects with the first failure of one that is waited for.
   */
  startAll(): Promise<void>;
  /** Ends everything, each part when all that need it to the end are gone. */
  stopAll(): Promise<void>;
  /** Kills every process at once. */
  killNow(): void;
  /** Throws {@link UnknownPartError}. */
  part(name: string): PartRunner;
  statuses(): Promise<PartStatus[]>;
}

/**
 * Names of the parts that must be there until this one has ended. Of a part that is live early the others need what it has
 * done, and not itself: it ends before those that its own health needs.
 */
function neededToTheEnd(part: Part, parts: readonly Part[]): readonly string[] {
  const early = new Set(parts.filter((other) => other.early !== undefined).map((other) => other.name));
  return [...part.dependsOn.filter((name) => !early.has(name)), ...(part.early?.needs ?? [])];
}

/** Throws unless names are unique, dependencies exist and none goes in a circle, in starting and in ending. */
export function checkParts(parts: readonly Part[]): void {
  checkOrder(parts, (part) => part.dependsOn);
  checkOrder(parts, (part) => neededToTheEnd(part, parts));
}

function checkOrder(parts: readonly Part[], before: (part: Part) => readonly string[]): void {
  const byName = new Map(parts.map((part) => [part.name, part]));
  if (byName.size !== parts.length) throw new Error('Two parts have the same name');
  const done = new Set<string>();
  const visit = (part: Part, path: readonly string[]) => {
    if (path.includes(part.name)) {
      throw new Error(`Parts depend on each other in a circle: ${[...path, part.name].join(' → ')}`);
    }
    if (done.has(part.name)) return;
    for (const name of before(part)) {
      const dependency = byName.get(name);
      if (dependency === undefined)
        throw new Error(`Part ${part.name} depends on "${name}", which does not exist`);
      visit(dependency, [...path, part.name]);
    }
    done.add(part.name);
  };
  for (const part of parts) visit(part, []);
}

/** Runs `work` on every part, each after those `before` names for it. Failures do not keep others from being run. */
async function inOrder(
  runners: readonly PartRunner[],
  before: (part: Part) => readonly string[],
  work: (runner: PartRunner) => Promise<void>,
): Promise<void> {
  const begun = new Map<string, Promise<void>>();
  const run = (runner: PartRunner): Promise<void> => {
    const known = begun.get(runner.part.name);
    if (known !== undefined) return known;
    const first = runners.filter((other) => before(runner.part).includes(other.part.name));
    const promise = Promise.all(first.map(run)).then(() => work(runner));
    begun.set(runner.part.name, promise);
    return promise;
  };
  await Promise.all(runners.map(run));
}

/** Puts parts under supervision; nothing starts yet. Throws when they cannot be ordered. */
export function createSupervisor(parts: readonly Part[], context: PartRunnerContext): Supervisor {
  checkParts(parts);
  let state: SupervisorState = 'starting';
  const report: Report = (event) => {
    // before the mesh is up, a death ends the start, whose failure reports it
    if (event.type !== 'died' || state === 'up') context.report(event);
  };
  const runners = parts.map((part) => createPartRunner(part, { ...context, report }));
  const dependants = (part: Part) =>
    parts.filter((other) => neededToTheEnd(other, parts).includes(part.name)).map((other) => other.name);

  /** Its runner reports what keeps it from joining. */
  const joinLater = (runner: PartRunner) => {
    context.report({ type: 'joins-later', part: runner.part.name });
    runner.start().catch(() => undefined);
  };

  return {
    state: () => state,

    async startAll() {
      await inOrder(
        runners,
        (part) => part.dependsOn,
        async (runner) => {
          if (state !== 'starting') return;
          if ((await runner.part.joinsLater?.()) === true) joinLater(runner);
          else await runner.startEarly();
        },
      );
      if (state !== 'starting') return;
      // the last step of those that are live early: what their health needs has come
      await Promise.all(
        runners.filter(({ part }) => part.early !== undefined).map((runner) => runner.start()),
      );
      if (state === 'starting') state = 'up';
    },

    async stopAll() {
      state = 'stopping';
      await inOrder(runners, dependants, (runner) => runner.close());
    },

    killNow() {
      for (const runner of runners) runner.killNow();
    },

    part(name) {
      const found = runners.find((runner) => runner.part.name === name);
      if (found !== undefined) return found;
      throw new UnknownPartError(
        name,
        parts.map((part) => part.name),
      );
    },

    statuses: () => Promise.all(runners.map((runner) => runner.status())),
  };
}
