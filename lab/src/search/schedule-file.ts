/** A schedule as a document: its form, and how one is read. Whatever is wrong names the field and what it can be. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '@microshop/cli/output/errors';
import { faultRequestProperties } from '@microshop/control/changes/schemas';
import { consumers, poisonKinds } from '@microshop/control/messages/schemas';
import { messageOf, whyUnreadable } from '@microshop/program-kit/errors';
import { timedFaultNames } from '@microshop/program-kit/process-faults';
import type { Placement } from '@microshop/topology';
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { TimedFault } from '../experiment/definition.ts';
import { mistakesIn, type Schedule } from './schedule.ts';

/** Longest schedule, seconds. */
const longestSeconds = 600;

/** Faults of one schedule at most. */
const mostFaults = 20;

/** Highest rate of the usual load, buyers per second: a schedule shows what breaks, and not what is too much. */
export const highestRate = 200;

/** Highest rate of a sale, and its units at most. */
const mostInSale = 1000;

const closed = { additionalProperties: false } as const;
const ms = (least: number) => Type.Integer({ minimum: least, maximum: 1000 * longestSeconds });
const inSale = Type.Integer({ minimum: 1, maximum: mostInSale });
const seconds = Type.Integer({ minimum: 1, maximum: longestSeconds });
const part = Type.String({ minLength: 1 });

const timed = Type.Object(
  { at_ms: ms(0), for_ms: ms(1), kind: Type.Enum([...timedFaultNames]), part },
  closed,
);

/** The form of a fault, by its kind. */
const forms: ReadonlyMap<string, TSchema> = new Map<string, TSchema>([
  [
    'calls',
    Type.Object(
      { ...faultRequestProperties, at_ms: ms(0), for_ms: ms(1), kind: Type.Literal('calls') },
      closed,
    ),
  ],
  ['kill', Type.Object({ at_ms: ms(0), kind: Type.Literal('kill'), part }, closed)],
  ...timedFaultNames.map((kind) => [kind, timed] as const),
  [
    'duplicates',
    Type.Object(
      {
        at_ms: ms(0),
        for_ms: ms(1),
        kind: Type.Literal('duplicates'),
        times: Type.Integer({ minimum: 1, maximum: 20 }),
      },
      closed,
    ),
  ],
  [
    'poison',
    Type.Object(
      {
        at_ms: ms(0),
        for_ms: ms(1),
        kind: Type.Literal('poison'),
        poison: Type.Enum([...poisonKinds]),
        to: Type.Enum([...consumers]),
        every_ms: ms(10),
      },
      closed,
    ),
  ],
  [
    'sale',
    Type.Object({ at_ms: ms(0), kind: Type.Literal('sale'), rate: inSale, seconds, units: inSale }, closed),
  ],
]);

const head = {
  load: Type.Object(
    {
      rate: Type.Integer({ minimum: 1, maximum: highestRate }),
      seconds,
      repeats: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
      twice: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    },
    closed,
  ),
  seed: Type.Optional(Type.Integer({ minimum: 0 })),
};

/** What is known before the kind of each fault is. */
const outerSchema = Type.Object(
  {
    ...head,
    faults: Type.Array(Type.Object({ kind: Type.String() }), { minItems: 1, maxItems: mostFaults }),
  },
  closed,
);

/** A whole schedule. */
const scheduleSchema = Type.Object(
  { ...head, faults: Type.Array(Type.Unsafe<TimedFault>(Type.Union([...new Set(forms.values())]))) },
  closed,
);

/** The schedule in that file. Throws `UsageError` that names the file and each mistake. */
export async function scheduleIn(file: string, placement: Placement): Promise<Schedule> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${whyUnreadable(error)}`, { cause: error });
  });
  return readSchedule(text, file, placement);
}

/** The schedule in that text. Throws `UsageError` with a line for each mistake, `name` before it. */
export function readSchedule(text: string, name: string, placement: Placement): Schedule {
  const refuse = (mistakes: readonly string[]): never => {
    throw new UsageError(mistakes.map((mistake) => `${name}: ${mistake}`).join('\n'));
  };
  const document = parsed(text, refuse);
  const outer = firstMistake(outerSchema, document, '');
  if (outer !== undefined) return refuse([outer]);
  const wrong = Value.Check(outerSchema, document)
    ? document.faults.flatMap((fault, index) => mistakeOfForm(fault, `faults[${index}]`) ?? [])
    : [];
  if (wrong.length > 0) return refuse(wrong);
  if (!Value.Check(scheduleSchema, document)) return refuse(['it is not a schedule']);
  const mistakes = mistakesIn(document, placement);
  return mistakes.length > 0 ? refuse(mistakes) : document;
}

function parsed(text: string, refuse: (mistakes: readonly string[]) => never): unknown {
  try {
    // editors of Windows put a mark before the text
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse([`it is not JSON: ${messageOf(error)}`]);
  }
}

function mistakeOfForm(fault: { readonly kind: string }, place: string): string | undefined {
  const form = forms.get(fault.kind);
  if (form !== undefined) return firstMistake(form, fault, place);
  return `${place}.kind must be one of ${[...forms.keys()].join(', ')}, not "${fault.kind}"`;
}

/** The first thing wrong: `faults[1].for_ms must be >= 1`. */
function firstMistake(schema: TSchema, value: unknown, place: string): string | undefined {
  const [first] = Value.Errors(schema, value);
  if (first === undefined) return undefined;
  const path = first.instancePath.replace(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.');
  const field = `${place}${path}`.replace(/^\./, '');
  const within = (name: string | undefined) => (field === '' ? name : `${field}.${name}`);
  if (first.keyword === 'required') return `${within(first.params.requiredProperties[0])} is required`;
  // an unknown field of this object
  if (first.keyword === 'boolean') return `${field} is not known; remove it`;
  if (first.keyword === 'enum') return `${field} must be one of ${first.params.allowedValues.join(', ')}`;
  return `${field || 'it'} ${first.message}`;
}
