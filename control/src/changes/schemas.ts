/**
 * What was changed on a running mesh: as it is asked for, mistakes in that, as it stands on disk, and as it is
 * reported.
 */
import {
  callersOf,
  effectFields,
  effectsIn,
  type FaultRequest,
  faultFieldList,
  identities,
  type KeptFault,
  type NamedFaultField,
  type PolicyChange,
  type PolicyValues,
  policyFieldList,
  services,
} from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const service = Type.Enum(services.map(({ name }) => name));
const identity = Type.Enum([...identities]);
const nullable = <const T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

function schemaOf(field: NamedFaultField) {
  const { description } = field;
  if (field.kind === 'caller') return Type.Enum([...identities], { description });
  if (field.kind === 'only') return Type.Literal(field.only, { description });
  return Type.Integer({ minimum: field.least, maximum: field.most, description });
}

/** Schemas of the fields of a fault as it is asked for. */
export const faultRequestProperties = {
  service,
  ...Object.fromEntries(faultFieldList.map((field) => [field.name, Type.Optional(schemaOf(field))])),
};

/** Body of `POST /api/faults`. */
export const faultRequestSchema = Type.Unsafe<FaultRequest>(
  Type.Object(faultRequestProperties, { additionalProperties: false }),
);

/** What a fault has hit: calls answered in place of the service, calls held, answers replaced, answers that came slowly. */
export const hitsSchema = Type.Object({
  aborts: Type.Integer(),
  delays: Type.Integer(),
  answers_replaced: Type.Integer(),
  answers_slowed: Type.Integer(),
});

/** Counts of hits. */
export type Hits = Static<typeof hitsSchema>;

/** A fault with its times, as it stands on disk and as it is reported. */
interface SetFault extends KeptFault {
  /** Milliseconds since the epoch. */
  readonly set_at: number;
  /** Milliseconds since the epoch; null: it stays until it is cleared. */
  readonly expires_at: number | null;
}

/** A fault on disk, with what is needed to tell what it has hit. */
export interface FaultRecord extends SetFault {
  /** Hits up to the last change of any fault of the service. */
  readonly counted: Hits;
  /** Envoy's counters at that time: by sidecar, then by caller. */
  readonly since: Readonly<Record<string, Readonly<Record<string, Hits>>>>;
}

/** A fault as the API shows it. */
export interface FaultAnswer extends SetFault {
  readonly hits: Hits;
  /** Sidecars that do not report it in effect: they do not run, or have not read it yet. */
  readonly waiting_for: readonly string[];
}

const keptFields = faultFieldList.filter(({ kept }) => kept !== false);

/** Schemas of the fields of a fault that is kept. */
export const keptFaultProperties = {
  service,
  ...Object.fromEntries(
    keptFields.map((field) => [
      field.name,
      field.usual === undefined ? nullable(schemaOf(field)) : schemaOf(field),
    ]),
  ),
};

const setProperties = {
  ...keptFaultProperties,
  set_at: Type.Integer(),
  expires_at: nullable(Type.Integer()),
};

/** What is kept of a request. */
export function keptOf(request: FaultRequest): KeptFault {
  const asked = new Map<string, unknown>(Object.entries(request));
  return Value.Parse(Type.Unsafe<KeptFault>(Type.Object(keptFaultProperties)), {
    service: request.service,
    ...Object.fromEntries(keptFields.map(({ name, usual }) => [name, asked.get(name) ?? usual ?? null])),
  });
}

/** A fault on disk. */
export const faultRecordSchema = Type.Unsafe<FaultRecord>(
  Type.Object({
    ...setProperties,
    counted: hitsSchema,
    since: Type.Record(Type.String(), Type.Record(Type.String(), hitsSchema)),
  }),
);

/** A fault as the API shows it. */
export const faultAnswerSchema = Type.Unsafe<FaultAnswer>(
  Type.Object({ ...setProperties, hits: hitsSchema, waiting_for: Type.Array(Type.String()) }),
);

/** Body of `GET /api/faults`. */
export const faultListSchema = Type.Object({ faults: Type.Array(faultAnswerSchema) });

const policyFieldSchemas = policyFieldList.map((field) => {
  const { name, description, most } = field;
  return {
    name,
    schema:
      field.kind === 'text'
        ? Type.String({ minLength: 1, maxLength: most, description })
        : Type.Integer({ minimum: field.least, maximum: most, description }),
  };
});

/** Fields of a policy that can be changed while the mesh runs. */
export const policyChangeSchema = Type.Unsafe<PolicyChange>(
  Type.Object(
    Object.fromEntries(policyFieldSchemas.map(({ name, schema }) => [name, Type.Optional(schema)])),
    { additionalProperties: false, minProperties: 1 },
  ),
);

const policyValuesSchema = Type.Unsafe<PolicyValues>(
  Type.Object(
    Object.fromEntries(policyFieldSchemas.map(({ name, schema }) => [name, Type.Optional(nullable(schema))])),
    { additionalProperties: false, minProperties: 1 },
  ),
);

/** Values of one call's policy. */
export const wantedPolicySchema = Type.Object(
  { caller: Type.String(), callee: Type.String(), policy: policyValuesSchema },
  { additionalProperties: false },
);

/** Values of one call's policy; `null` is a field that the topology leaves without a value. */
export type WantedPolicy = Static<typeof wantedPolicySchema>;

/** Body of `PUT /api/policies`: values of several calls, applied together or not at all. */
export const wantedPoliciesSchema = Type.Object(
  { policies: Type.Array(wantedPolicySchema, { minItems: 1 }) },
  { additionalProperties: false },
);

/** An edge's changes on disk. */
export const policyRecordSchema = Type.Object({
  caller: identity,
  callee: service,
  change: policyChangeSchema,
});

/** An edge's changes on disk. */
export type PolicyRecord = Static<typeof policyRecordSchema>;

/** A lease on disk. */
export const policyLeaseSchema = Type.Object({
  id: Type.String(),
  /** Milliseconds since the epoch. */
  expires_at: Type.Integer(),
  /** The changes that stand again when it ends. */
  before: Type.Array(policyRecordSchema),
  /** Whether policies meanwhile may be such that they do not fit together. */
  unchecked: Type.Boolean(),
});

/** Policies that may be changed for a while: whatever becomes of who changes them, those from before stand again. */
export type PolicyLease = Static<typeof policyLeaseSchema>;

/** Longest time of a lease before it is renewed, milliseconds: ten minutes. */
const longestLeaseMs = 600_000;

/** Body of `POST /api/policy-leases` and of `PUT /api/policy-leases/:id`. */
export const leaseRequestSchema = Type.Object(
  {
    for_ms: Type.Integer({ minimum: 100, maximum: longestLeaseMs }),
    /** Lets policies meanwhile be such that they do not fit together; of a new lease only. */
    unchecked: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** A lease as the API shows it. */
export const leaseAnswerSchema = Type.Object({ id: Type.String(), expires_at: Type.Integer() });

/** A lease as the API shows it. */
export type LeaseAnswer = Static<typeof leaseAnswerSchema>;

const value = Type.Union([Type.Number(), Type.String(), Type.Null()]);

/** The policy of an edge as the API shows it. */
export const policyAnswerSchema = Type.Object({
  caller: identity,
  callee: service,
  /** Every field that can be changed, with the value in effect. */
  policy: Type.Record(Type.String(), value),
  /** Of those, the ones that are not the topology's, with the topology's value. */
  changed: Type.Record(Type.String(), value),
});

/** The policy of an edge as the API shows it. */
export type PolicyAnswer = Static<typeof policyAnswerSchema>;

/** Body of `GET /api/policies`. */
export const policyListSchema = Type.Object({
  policies: Type.Array(policyAnswerSchema),
  /** What stands on disk and does not count, with the reason: a broken file, an edge that is gone. */
  problems: Type.Array(Type.String()),
  /** Envoys and apps that do not serve these policies: they do not run, or refused a file. */
  waiting_for: Type.Array(Type.String()),
});

/** Body of `GET /api/policies`. */
export type PolicyList = Static<typeof policyListSchema>;

/** A field whose value differs before and after. */
export const policyDifferenceSchema = Type.Object({
  caller: identity,
  callee: service,
  field: Type.String(),
  before: value,
  after: value,
});

/** A field whose value differs before and after. */
export type PolicyDifference = Static<typeof policyDifferenceSchema>;

/** Answer to `PUT /api/policies`. */
export const appliedPoliciesSchema = Type.Object({
  ...policyListSchema.properties,
  /** What was changed; none where all values were in effect before. */
  differences: Type.Array(policyDifferenceSchema),
});

/** Answer to `PUT /api/policies`. */
export type AppliedPolicies = Static<typeof appliedPoliciesSchema>;

const choice = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function example(field: NamedFaultField): string {
  return `--${field.flag} ${field.kind === 'only' ? field.only : `<${field.takes}>`}`;
}

/** What is wrong with the request beyond its form; `undefined` when nothing is. */
export function faultMistake(request: FaultRequest): string | undefined {
  const { service, from } = request;
  const effects = effectsIn(request);
  if (effects.length === 0) {
    return `A fault must do something: ${choice.format(effectFields.map(example))}`;
  }
  const [one, other] = effects.flatMap(({ field }) => (field.effect.answers === undefined ? [] : [field]));
  if (one !== undefined && other !== undefined) {
    if (one.effect.answers === other.effect.answers) {
      return `--${one.flag} and --${other.flag} both change the answer of the service: set one of them`;
    }
    return `--${one.flag} answers ${one.effect.answers} the service does its work and --${other.flag} ${other.effect.answers} it: set one of them`;
  }
  const callers = callersOf(service);
  if (from !== undefined && !callers.includes(from)) {
    return `${from} does not call ${service}; its callers are ${callers.join(', ')}`;
  }
  return undefined;
}
