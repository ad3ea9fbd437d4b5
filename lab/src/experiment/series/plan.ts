/** Which runs a series has: every experiment, and mutants drawn by chance. */
import { type Static, Type } from 'typebox';
import { seeded, shuffled } from '../../statistics/random.ts';
import { type Experiment, mutantOf, mutantSuffix } from '../definition.ts';

/** Phases of the full form are so many times as long as those of the short one, except for faults that stay as they are. */
const fullTimes = 3;

const closed = { additionalProperties: false } as const;

/** What a series consists of; it is kept with what came of it. */
export const planSchema = Type.Object(
  {
    /** Names of the experiments, in their order. */
    names: Type.Array(Type.String()),
    /** Names of those whose mutants are run as well. */
    mutants: Type.Array(Type.String()),
    /** By which the mutants were drawn. */
    seed: Type.Integer(),
    /** How often each is run. */
    repeat: Type.Integer({ minimum: 1 }),
    /** Phases of full length. */
    full: Type.Boolean(),
    /** Other lengths of phases, whole seconds. */
    lengths: Type.Partial(
      Type.Object({ steady: Type.Integer(), fault: Type.Integer(), heal: Type.Integer() }, closed),
    ),
  },
  closed,
);

/** What a series consists of. */
export type SeriesPlan = Static<typeof planSchema>;

/** One run of a series. */
export interface Turn {
  /** Name of the experiment, with `.mutant` behind it for its mutant. */
  readonly name: string;
  readonly mutant: boolean;
  /** From 1 to the plan's `repeat`. */
  readonly round: number;
}

/** Names of so many experiments, drawn by the seed, in the order of the list. */
export function drawn(names: readonly string[], count: number, seed: number): string[] {
  const picked = shuffled(names, seeded(seed)).slice(0, count);
  return names.filter((name) => picked.includes(name));
}

/** The runs in their order: round by round, each mutant after its experiment. */
export function turnsOf({ names, mutants, repeat }: SeriesPlan): Turn[] {
  return Array.from({ length: repeat }, (_, index) => index + 1).flatMap((round) =>
    names.flatMap((name): Turn[] => [
      { name, mutant: false, round },
      ...(mutants.includes(name) ? [{ name: `${name}${mutantSuffix}`, mutant: true, round }] : []),
    ]),
  );
}

/** The experiment of a turn, with its phases as long as the plan says. Throws for a name that is none. */
export function experimentOf(turn: Turn, plan: SeriesPlan, experiments: readonly Experiment[]): Experiment {
  const found = experiments
    .map((one) => (turn.mutant ? mutantOf(one) : one))
    .find(({ name }) => name === turn.name);
  if (found === undefined) throw new Error(`There is no experiment "${turn.name}"`);
  return withLengths(found, plan);
}

/** The experiment with phases of that length. */
export function withLengths(
  experiment: Experiment,
  { full, lengths }: Pick<SeriesPlan, 'full' | 'lengths'>,
): Experiment {
  const times = full ? fullTimes : 1;
  const ofFault = experiment.same_fault_in_full === true ? 1 : times;
  const { steady, fault, heal } = experiment.seconds;
  const seconds = { steady: times * steady, fault: ofFault * fault, heal: times * heal, ...lengths };
  return { ...experiment, seconds };
}
