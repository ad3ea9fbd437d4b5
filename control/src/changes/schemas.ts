/** What was changed on a running mesh: as it is asked for, as it stands on disk, as it is told. */
import { identities, type PolicyChange, policyFieldList, services } from '@microshop/topology';
import { type Static, Type } from 'typebox';

/** The longest a fault may last (a day) and hold a call (ten minutes), milliseconds. */
const longestMs = { life: 86_400_000, delay: 600_000 };

const service = Type.Enum(services.map(({ name }) => name));
const identity = Type.Enum([...identities]);
const count = (most: number, least = 1) => Type.Integer({ minimum: least, maximum: most });
const nullable = <const T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Body of `POST /api/faults`. */
export const faultRequestSchema = Type.Object(
  {
    service,
    from: Type.Optional(identity),
    abort: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
    delay_ms: Type.Optional(count(longestMs.delay)),
    replace_answer: Type.Optional(Type.Literal(503)),
    percent: Type.Optional(count(100)),
    for_ms: Type.Optional(count(longestMs.life)),
  },
  { additionalProperties: false },
);

/** A fault as it is asked for. */
export type FaultRequest = Static<typeof faultRequestSchema>;

/** What a fault has hit: calls answered in place of the service, calls held, answers replaced. */
export const hitsSchema = Type.Object({
  aborts: Type.Integer(),
  delays: Type.Integer(),
  answers_replaced: Type.Integer(),
});

/** Counts of hits. */
export type Hits = Static<typeof hitsSchema>;

const faultFields = {
  service,
  /** The one caller that meets it; null: every caller without a fault of its own. */
  from: nullable(identity),
  abort: nullable(Type.Integer()),
  delay_ms: nullable(Type.Integer()),
  replace_answer: nullable(Type.Literal(503)),
  percent: Type.Integer(),
  /** Milliseconds since the epoch. */
  set_at: Type.Integer(),
  /** Milliseconds since the epoch; null: it stays until it is cleared. */
  expires_at: nullable(Type.Integer()),
};

/** A fault on disk, with what is needed to tell what it has hit. */
export const faultRecordSchema = Type.Object({
  ...faultFields,
  /** Hits up to the last change of any fault of the service. */
  counted: hitsSchema,
  /** Envoy's counters at that time: by sidecar, then by caller. */
  since: Type.Record(Type.String(), Type.Record(Type.String(), hitsSchema)),
});

/** A fault on disk. */
export type FaultRecord = Static<typeof faultRecordSchema>;

/** A fault as the control service tells it. */
export const faultAnswerSchema = Type.Object({
  ...faultFields,
  hits: hitsSchema,
  /** Sidecars that do not report it in force: they do not run, or have not read it yet. */
  waiting_for: Type.Array(Type.String()),
});

/** A fault as the control service tells it. */
export type FaultAnswer = Static<typeof faultAnswerSchema>;

/** Body of `GET /api/faults`. */
export const faultListSchema = Type.Object({ faults: Type.Array(faultAnswerSchema) });

/** Fields of a policy that can be changed while the mesh runs. */
export const policyChangeSchema = Type.Unsafe<PolicyChange>(
  Type.Object(
    Object.fromEntries(
      policyFieldList.map((field) => [
        field.name,
        Type.Optional(
          field.kind === 'text'
            ? Type.String({ minLength: 1, maxLength: field.most, description: field.description })
            : Type.Integer({ minimum: field.least, maximum: field.most, description: field.description }),
        ),
      ]),
    ),
    { additionalProperties: false, minProperties: 1 },
  ),
);

/** An edge's changes on disk. */
export const policyRecordSchema = Type.Object({
  caller: identity,
  callee: service,
  change: policyChangeSchema,
});

/** An edge's changes on disk. */
export type PolicyRecord = Static<typeof policyRecordSchema>;

const value = Type.Union([Type.Number(), Type.String(), Type.Null()]);

/** The policy of an edge as the control service tells it. */
export const policyAnswerSchema = Type.Object({
  caller: identity,
  callee: service,
  /** Every field that can be changed, with the value in force. */
  policy: Type.Record(Type.String(), value),
  /** Of those, the ones that are not the topology's, with the topology's value. */
  changed: Type.Record(Type.String(), value),
});

/** The policy of an edge as the control service tells it. */
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
