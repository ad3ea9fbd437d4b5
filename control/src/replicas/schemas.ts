/** What an agent asks and gets, and what is known of the replicas. An agent is beside each Envoy that shares no directory with this service. */
import { type Identity, identities, type KeptFault } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { keptFaultProperties, policyRecordSchema } from '../changes/schemas.ts';

/** Longest time an answer waits for a change, milliseconds. */
export const longestWaitMs = 30_000;

const version = Type.String({ pattern: '^[0-9a-f]{12}$' });
const identity = Type.Enum([...identities]);
const replica = Type.Integer({ minimum: 1 });
/** A name as Kubernetes takes it. */
const pod = Type.String({ pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$' });
const address = Type.String({ format: 'ipv4' });

/** Query of `GET /api/agent/state`: who asks, and what it has. */
export const pollSchema = Type.Object(
  {
    identity,
    /** Name of the pod; no other replica has it. */
    pod,
    /** Where others reach the pod. */
    address,
    /** The number it was given before, so that it keeps it. */
    replica: Type.Optional(replica),
    /** The version it holds: the answer waits for another one. */
    have: Type.Optional(version),
    /** The version that its Envoy, and its app, have applied whole. */
    loaded: Type.Optional(version),
    /** Files its Envoy has refused since it was started. */
    refused: Type.Integer({ minimum: 0, default: 0 }),
    /** Longest time to wait, milliseconds. */
    wait_ms: Type.Integer({ minimum: 0, maximum: longestWaitMs, default: longestWaitMs }),
  },
  { additionalProperties: false },
);

/** Who asks, and what it has. */
export type Poll = Static<typeof pollSchema>;

/** A fault as an agent ends it. */
export interface StateFault extends KeptFault {
  /** Milliseconds since the epoch, by the clock of the control service; null: it stays until it is cleared. */
  readonly expires_at: number | null;
  /** What is left of it at the time of the answer, milliseconds: two machines need not agree on the time. */
  readonly ends_in_ms: number | null;
}

const stateFaultSchema = Type.Unsafe<StateFault>(
  Type.Object(
    {
      ...keptFaultProperties,
      expires_at: Type.Union([Type.Integer(), Type.Null()]),
      ends_in_ms: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
    },
    { additionalProperties: false },
  ),
);

/** Answer to `GET /api/agent/state`: what holds for one pod. Its files follow from that and the placement alone. */
export const replicaStateSchema = Type.Object(
  {
    version,
    /** The number of this replica of its service, or of the gateway. */
    replica,
    /** Which authority signs: a pod with a certificate of another one gets a new one. Null: none signs here. */
    authority: Type.Union([version, Type.Null()]),
    /** Those of its own service. */
    faults: Type.Array(stateFaultSchema),
    /** What its own calls have beside the topology's policies. */
    policies: Type.Array(policyRecordSchema),
    /** Those policies are on lease: when it ends, and is not renewed, others stand again. */
    lease: Type.Optional(
      Type.Object(
        {
          /** As of a fault. */
          expires_at: Type.Integer(),
          ends_in_ms: Type.Integer({ minimum: 0 }),
          /** What stands again. */
          before: Type.Array(policyRecordSchema),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** What holds for one pod. */
export type ReplicaState = Static<typeof replicaStateSchema>;

const knownReplicaSchema = Type.Object({
  identity,
  /** `orders-sidecar-2`: the first one has no number. */
  part: Type.String(),
  replica,
  pod: Type.String(),
  address: Type.String(),
  /** The version it is to have. */
  version,
  /** The one it has applied whole; null: none yet. */
  loaded: Type.Union([version, Type.Null()]),
  refused: Type.Integer(),
  /** Milliseconds since the epoch. */
  seen_at: Type.Integer(),
});

/** A replica that asks. */
export type KnownReplica = Static<typeof knownReplicaSchema>;

/** Body of `GET /api/agent/replicas`. */
export const replicaListSchema = Type.Object({ replicas: Type.Array(knownReplicaSchema) });

/** Where an agent has its certificate signed. */
export const certificatePath = '/api/agent/certificate';

/** Longest certificate request, characters: one for a key on P-256 has about 400. */
const longestRequest = 4096;

/** Body of `POST /api/agent/certificate`. In whose name the certificate is, says the token. */
export const certificateRequestSchema = Type.Object(
  {
    /** PKCS #10, PEM. */
    request: Type.String({ minLength: 1, maxLength: longestRequest }),
  },
  { additionalProperties: false },
);

/** Answer to it, each PEM. */
export const signedCertificateSchema = Type.Object({
  certificate: Type.String(),
  /** The certificate of the authority. */
  trust: Type.String(),
});

/** Name of the Envoy beside that replica. */
export function partOf(identity: Identity, replica: number): string {
  const part = identity === 'gateway' ? identity : `${identity}-sidecar`;
  return replica === 1 ? part : `${part}-${replica}`;
}
