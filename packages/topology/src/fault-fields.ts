/**
 * The fields of a fault of calls: one row each. The request and its schema, what is kept of it, the options of
 * `./mesh fault set`, what is refused and in which words, the metric's kinds and the table of docs/faults.md derive from here.
 */
import type { Identity } from './identities.ts';
import type { ServiceName } from './services.ts';

interface Described {
  /** Option of `./mesh fault set`, without its dashes. */
  readonly flag: string;
  /** What the option takes, as help names it. */
  readonly takes: string;
  readonly description: string;
}

/** What a field does to calls; a fault has one of these at least. */
export interface FaultEffect {
  /** As the metric names it (`shop.fault.kind`). */
  readonly kind: 'abort' | 'delay' | 'replaced_answer' | 'slow_answer';
  /** What comes before the value in a sentence: `answered` 503. */
  readonly said: string;
  /** When it answers in the service's place: before that has done its work, or after. A call can be answered once. */
  readonly answers?: 'before' | 'after';
}

/** A whole number; `duration` is in milliseconds, `status` is of HTTP, `percent` is of the calls, `replica` is the number of one. */
interface NumberField extends Described {
  readonly kind: 'status' | 'duration' | 'percent' | 'replica';
  readonly least: number;
  readonly most: number;
}

/** The one value there is. */
interface OnlyField extends Described {
  readonly kind: 'only';
  readonly only: number;
  /** Behind the value in a sentence. */
  readonly unit?: string;
}

/** One of those that call the service. */
interface CallerField extends Described {
  readonly kind: 'caller';
}

type Field = (NumberField | OnlyField | CallerField) & {
  readonly effect?: FaultEffect;
  /** `false`: not part of a record, which has the time when it ends. */
  readonly kept?: false;
  /** What it is when it is not asked for; without, nothing (`null`). */
  readonly usual?: number;
};

const statuses = { least: 400, most: 599 };
const percents = { least: 1, most: 100 };

/** Every field, by the name the control API gives it, in the order in which people see them. */
export const faultFields = {
  abort: {
    kind: 'status',
    ...statuses,
    effect: { kind: 'abort', said: 'answered', answers: 'before' },
    flag: 'abort',
    takes: 'code',
    description: `answer that status (${statuses.least} to ${statuses.most}); the service does not see the call`,
  },
  delay_ms: {
    kind: 'duration',
    least: 1,
    most: 600_000,
    effect: { kind: 'delay', said: 'delayed by' },
    flag: 'delay',
    takes: 'duration',
    description: 'delay the call by this time (300ms, 7s) before the service sees it',
  },
  replace_answer: {
    kind: 'only',
    only: 503,
    effect: { kind: 'replaced_answer', said: 'answer replaced by', answers: 'after' },
    flag: 'replace-answer',
    takes: 'code',
    description: 'let the service do its work, then answer 503 instead',
  },
  slow_answer: {
    kind: 'only',
    // the least that Envoy's limit can be, so that an answer of some KiB takes longer than a call may
    only: 1,
    unit: ' KiB/s',
    effect: { kind: 'slow_answer', said: 'answered at', answers: 'after' },
    flag: 'slow-answer',
    takes: 'KiB/s',
    description: 'let the service answer at once, but send the body at 1 KiB per second',
  },
  percent: {
    kind: 'percent',
    ...percents,
    usual: percents.most,
    flag: 'percent',
    takes: 'p',
    description: `share of the calls, ${percents.least} to ${percents.most} (default: ${percents.most})`,
  },
  from: {
    kind: 'caller',
    flag: 'from',
    takes: 'caller',
    description: 'only calls of that caller; overrides the fault for all callers',
  },
  replica: {
    kind: 'replica',
    least: 1,
    most: 9,
    flag: 'replica',
    takes: 'n',
    description: 'only at that replica of the service, 1 to 9; overrides the fault for all replicas',
  },
  for_ms: {
    kind: 'duration',
    least: 1,
    most: 86_400_000,
    kept: false,
    flag: 'for',
    takes: 'duration',
    description: 'how long it lasts (500ms, 30s, 5m)',
  },
} as const satisfies Readonly<Record<string, Field>>;

type Fields = typeof faultFields;

type ValueOf<F> = F extends { kind: 'caller' } ? Identity : F extends { only: infer Only } ? Only : number;

/** A fault as it is asked for: body of `POST /api/faults`. */
export type FaultRequest = { readonly service: ServiceName } & {
  readonly [Name in keyof Fields]?: ValueOf<Fields[Name]>;
};

type KeptName = { [Name in keyof Fields]: Fields[Name] extends { kept: false } ? never : Name }[keyof Fields];

/** A fault as it is kept; `null`: not asked for. */
export type KeptFault = { readonly service: ServiceName } & {
  readonly [Name in KeptName]: Fields[Name] extends { usual: number }
    ? ValueOf<Fields[Name]>
    : ValueOf<Fields[Name]> | null;
};

/** A field with its name. */
export type NamedFaultField = Field & { readonly name: string };

/** Every field with its name, in the order in which people see them. */
export const faultFieldList: readonly NamedFaultField[] = Object.entries(faultFields).map(
  ([name, field]) => ({ name, ...field }),
);

/** A field that does something to calls, with what it does. */
export type EffectField = NamedFaultField & { readonly effect: FaultEffect };

/** The fields that do something to calls. */
export const effectFields: readonly EffectField[] = faultFieldList.flatMap((field) => {
  const { effect } = field;
  return effect === undefined ? [] : [{ ...field, effect }];
});

/** What a fault does, each with its value; nothing when it does nothing. */
export function effectsIn(
  fault: FaultRequest | KeptFault,
): readonly { readonly field: EffectField; readonly value: number }[] {
  const values = new Map<string, unknown>(Object.entries(fault));
  return effectFields.flatMap((field) => {
    const value = values.get(field.name);
    return typeof value === 'number' ? [{ field, value }] : [];
  });
}
