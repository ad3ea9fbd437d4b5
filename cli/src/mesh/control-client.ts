/**
 * How the command line asks the control service, and waits for a trace to be whole: spans are sent in batches, up to a
 * second after they end.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerEntry } from '@microshop/control/audit/ledger';
import { type Audit, auditSchema } from '@microshop/control/audit/report';
import {
  type AppliedPolicies,
  appliedPoliciesSchema,
  type FaultAnswer,
  faultAnswerSchema,
  faultListSchema,
  type LeaseAnswer,
  leaseAnswerSchema,
  type PolicyList,
  type PolicyRecord,
  policyListSchema,
  type WantedPolicy,
} from '@microshop/control/changes/schemas';
import { stateDirectory } from '@microshop/control/changes/store';
import { type Figure, figureSchema } from '@microshop/control/completeness/figure';
import { codeSchema } from '@microshop/control/console/schemas';
import {
  type ActionResult,
  actedSchema,
  type DeadLetter,
  letterListSchema,
  type Selection,
} from '@microshop/control/dead-letters/schemas';
import {
  type MadeMessage,
  type MessageRequest,
  madeMessageSchema,
} from '@microshop/control/messages/schemas';
import {
  type OutboxList,
  outboxListSchema,
  type RetryBody,
  retriedSchema,
} from '@microshop/control/outbox/schemas';
import { certificateListSchema, type ShortLives } from '@microshop/control/secrets/certificate-schemas';
import { tokenSchema } from '@microshop/control/secrets/signing-key-schemas';
import { readToken } from '@microshop/control/secrets/token';
import {
  type Breaker,
  breakerListSchema,
  consumerListSchema,
  type ReportedConsumer,
} from '@microshop/control/service/apps';
import { type Verdict, verdictSchema } from '@microshop/control/trace/verdict';
import {
  expectBody,
  requestJson,
  UnknownNameError,
  UnreachableError,
} from '@microshop/program-kit/http-json';
import { namedCluster } from '@microshop/program-kit/typed-here';
import type { FaultRequest } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { CommandFailed, UsageError } from '../output/errors.ts';

const refusalSchema = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  dependency: Type.Optional(Type.String()),
  name_not_known: Type.Optional(Type.Boolean()),
  wait_ms: Type.Optional(Type.Integer()),
});
const clearedSchema = Type.Object({ cleared: Type.Integer() });

/** Thrown when Jaeger holds no trace of that id and its spans may still be on their way. */
export class NoTraceError extends CommandFailed {
  override readonly name: string = 'NoTraceError';
  /** How long after the first question they may come, milliseconds. */
  readonly waitMs: number;

  constructor(detail: string, waitMs: number) {
    super(detail);
    this.waitMs = waitMs;
  }
}

/**
 * Questions to the control service. Each throws `UnreachableError` when it, or a part it asks, does not answer,
 * `CommandFailed` when it refuses, and `UsageError` when it was asked for something that cannot be.
 */
export interface ControlClient {
  /** The trace of an order. */
  orderTrace(orderId: number): Promise<Verdict>;
  /** The trace of that id, 32 hex digits. Throws {@link NoTraceError} while it may still come. */
  trace(traceId: string): Promise<Verdict>;
  faults(): Promise<readonly FaultAnswer[]>;
  setFault(request: FaultRequest): Promise<FaultAnswer>;
  /** Ends the faults of a service, or all; how many there were. */
  clearFaults(service?: string): Promise<number>;
  policies(): Promise<PolicyList>;
  changePolicy(edge: EdgeName, change: PolicyRecord['change']): Promise<PolicyList>;
  /** The topology's policy again, of an edge or of all. */
  resetPolicies(edge?: EdgeName): Promise<PolicyList>;
  /** Applies all of them or none; what that changed. */
  applyPolicies(policies: readonly WantedPolicy[]): Promise<AppliedPolicies>;
  /**
   * Lets policies be changed for a while; those from before stand again at its end. Throws when somebody else has one. With
   * `unchecked` they need not fit together meanwhile.
   */
  leasePolicies(forMs: number, unchecked: boolean): Promise<LeaseAnswer>;
  /** Puts its end off. Throws when it has ended. */
  renewLease(id: string, forMs: number): Promise<LeaseAnswer>;
  /** Ends it. Throws when it has ended. */
  endLease(id: string): Promise<PolicyList>;
  breakers(): Promise<readonly Breaker[]>;
  consumers(): Promise<readonly ReportedConsumer[]>;
  /** How many of the last orders have a whole trace. */
  completeness(): Promise<Figure>;
  /**
   * Whether every order is accounted for, after at most `settleMs` milliseconds. Orders that were `stuckBefore`, named as in `ids.stuck`,
   * are not waited for.
   */
  audit(
    settleMs: number,
    ledger: readonly LedgerEntry[] | undefined,
    stuckBefore?: readonly string[],
  ): Promise<Audit>;
  deadLetters(): Promise<DeadLetter[]>;
  replay(selection: Selection): Promise<ActionResult[]>;
  /** What has not left the outboxes, or left `olderThanMs` ago and never arrived. */
  outbox(olderThanMs: number): Promise<OutboxList>;
  /** Sends events again; those that leave. */
  retryOutbox(which: RetryBody): Promise<Static<typeof retriedSchema>['events']>;
  drop(selection: Selection, reason: string): Promise<ActionResult[]>;
  /** Every certificate of the mesh. */
  certificates(): Promise<Static<typeof certificateListSchema>>;
  /** Makes all again, short-lived for a time; those that are there now. */
  shortenCertificates(lives: ShortLives): Promise<Static<typeof certificateListSchema>>;
  /** A duplicate or a poison message; it is in a queue. */
  makeMessage(request: MessageRequest): Promise<MadeMessage>;
  /** A token of who runs the mesh, for the gateway of one that authenticates clients. */
  operatorToken(): Promise<string>;
  /** A code that opens the page of the console once. */
  pageCode(): Promise<string>;
}

/** An edge as it is typed. */
export interface EdgeName {
  readonly caller: string;
  readonly callee: string;
}

/** Time over that of the audit itself for reading and judging, milliseconds. */
const auditSpareMs = 60_000;

/**
 * Time a change may take, milliseconds: the control service makes one after the other, and for each waits until sidecars and apps
 * report it, in a cluster for 20 s at most.
 */
const changeLimitMs = 30_000;

type Method = Parameters<typeof requestJson>[1];

/** A part behind the control service did not answer it. */
function unavailable({ detail, dependency, name_not_known: unknown }: Static<typeof refusalSchema>) {
  return unknown === true && dependency !== undefined
    ? new UnknownNameError(dependency)
    : new UnreachableError(detail, dependency);
}

/** What a change shows: it stands in a file that only the owner of the mesh can read. */
async function tokenHere(env: NodeJS.ProcessEnv): Promise<string> {
  const cluster = namedCluster(env);
  if (cluster === undefined) return await readToken(stateDirectory(env));
  const { clusterMesh } = await import('../cluster/mesh.ts');
  return await (await clusterMesh(cluster)).token();
}

/** A client of the control service at that address, `http://host:port`. */
export function controlClient(control: string, env: NodeJS.ProcessEnv = process.env): ControlClient {
  async function ask(
    path: string,
    method: Method = 'GET',
    change?: unknown,
    limitMs = method === 'GET' ? undefined : changeLimitMs,
  ): Promise<unknown> {
    const headers = method === 'GET' ? {} : { authorization: `Bearer ${await tokenHere(env)}` };
    const { status, body } = await requestJson('control', method, control + path, {
      headers,
      body: change,
      ...(limitMs === undefined ? {} : { limitMs }),
    });
    if (status === 200 || status === 201) return body;
    if (!Value.Check(refusalSchema, body)) {
      throw new CommandFailed(`The control service answered ${status} to ${method} ${path}`);
    }
    if (body.code === 'bad_request' && method !== 'GET') throw new UsageError(body.detail);
    if (body.code === 'dependency_unavailable') throw unavailable(body);
    throw body.wait_ms === undefined
      ? new CommandFailed(body.detail)
      : new NoTraceError(body.detail, body.wait_ms);
  }
  const verdict = async (path: string) => expectBody(verdictSchema, await ask(path), `GET ${path}`);
  const faults = '/api/faults';
  const policies = '/api/policies';
  const leases = '/api/policy-leases';
  const leasePath = (id: string) => `${leases}/${encodeURIComponent(id)}`;
  const edgePath = ({ caller, callee }: EdgeName) =>
    `${policies}/${encodeURIComponent(caller)}/${encodeURIComponent(callee)}`;
  const which = (selection: Selection) => (selection === 'all' ? { all: true } : { ids: selection });
  async function act(action: 'replay' | 'drop', body: unknown): Promise<ActionResult[]> {
    const path = `/api/dead-letters/${action}`;
    const answer = await ask(path, 'POST', body, auditSpareMs);
    return expectBody(actedSchema, answer, `POST ${path}`).results;
  }
  return {
    orderTrace: (orderId) => verdict(`/api/orders/${orderId}/trace`),
    trace: (traceId) => verdict(`/api/traces/${traceId}`),
    faults: async () => expectBody(faultListSchema, await ask(faults), `GET ${faults}`).faults,
    setFault: async (request) =>
      expectBody(faultAnswerSchema, await ask(faults, 'POST', request), `POST ${faults}`),
    async clearFaults(service) {
      const path = service === undefined ? faults : `${faults}?service=${encodeURIComponent(service)}`;
      return expectBody(clearedSchema, await ask(path, 'DELETE'), `DELETE ${faults}`).cleared;
    },
    policies: async () => expectBody(policyListSchema, await ask(policies), `GET ${policies}`),
    changePolicy: async (edge, change) =>
      expectBody(policyListSchema, await ask(edgePath(edge), 'PUT', change), `PUT ${policies}`),
    resetPolicies: async (edge) =>
      expectBody(
        policyListSchema,
        await ask(edge === undefined ? policies : edgePath(edge), 'DELETE'),
        `DELETE ${policies}`,
      ),
    applyPolicies: async (wanted) =>
      expectBody(appliedPoliciesSchema, await ask(policies, 'PUT', { policies: wanted }), `PUT ${policies}`),
    leasePolicies: async (forMs, unchecked) =>
      expectBody(
        leaseAnswerSchema,
        await ask(leases, 'POST', { for_ms: forMs, unchecked }),
        `POST ${leases}`,
      ),
    renewLease: async (id, forMs) =>
      expectBody(leaseAnswerSchema, await ask(leasePath(id), 'PUT', { for_ms: forMs }), `PUT ${leases}`),
    endLease: async (id) =>
      expectBody(policyListSchema, await ask(leasePath(id), 'DELETE'), `DELETE ${leases}`),
    breakers: async () =>
      expectBody(breakerListSchema, await ask('/api/breakers'), 'GET /api/breakers').breakers,
    consumers: async () =>
      expectBody(consumerListSchema, await ask('/api/consumers'), 'GET /api/consumers').consumers,
    completeness: async () =>
      expectBody(figureSchema, await ask('/api/completeness'), 'GET /api/completeness'),
    async audit(settleMs, ledger, stuckBefore = []) {
      const body = {
        ...{ settle_ms: settleMs, stuck_before: stuckBefore },
        ...(ledger === undefined ? {} : { ledger }),
      };
      const answer = await ask('/api/audit', 'POST', body, settleMs + auditSpareMs);
      return expectBody(auditSchema, answer, 'POST /api/audit');
    },
    async deadLetters() {
      const answer = await ask('/api/dead-letters');
      return expectBody(letterListSchema, answer, 'GET /api/dead-letters').dead_letters;
    },
    async outbox(olderThanMs) {
      const answer = await ask(`/api/outbox?older_than_ms=${olderThanMs}`, 'GET', undefined, auditSpareMs);
      return expectBody(outboxListSchema, answer, 'GET /api/outbox');
    },
    async retryOutbox(which) {
      const answer = await ask('/api/outbox/retry', 'POST', which, auditSpareMs);
      return expectBody(retriedSchema, answer, 'POST /api/outbox/retry').events;
    },
    replay: (selection) => act('replay', which(selection)),
    async makeMessage(request) {
      const answer = await ask('/api/messages', 'POST', request);
      return expectBody(madeMessageSchema, answer, 'POST /api/messages');
    },
    operatorToken: async () =>
      expectBody(tokenSchema, await ask('/api/tokens', 'POST'), 'POST /api/tokens').token,
    async pageCode() {
      const path = '/api/console/codes';
      return expectBody(codeSchema, await ask(path, 'POST'), `POST ${path}`).code;
    },
    certificates: async () =>
      expectBody(certificateListSchema, await ask('/api/certificates'), 'GET /api/certificates'),
    shortenCertificates: async (lives) =>
      expectBody(
        certificateListSchema,
        await ask('/api/certificates', 'POST', lives),
        'POST /api/certificates',
      ),
    drop: (selection, reason) => act('drop', { ...which(selection), reason }),
  };
}

/** Pause between two polls, milliseconds. */
const lookEveryMs = 250;

/**
 * Polls until the verdict is complete, or `waitMs` are over; returns the last verdict. `onWait` is called once, when it has
 * to wait, with the longest wait in milliseconds. Throws {@link NoTraceError} when there is no trace by then, or earlier
 * when the error says that none can come; anything else that `look` throws it throws at once.
 */
export async function whenComplete(
  look: () => Promise<Verdict>,
  waitMs: number,
  onWait: (mostMs: number) => void = () => undefined,
): Promise<Verdict> {
  const began = performance.now();
  for (let looks = 1; ; looks += 1) {
    const passedMs = performance.now() - began;
    let mostMs = waitMs;
    try {
      const verdict = await look();
      if (verdict.complete || passedMs >= mostMs) return verdict;
    } catch (error) {
      if (!(error instanceof NoTraceError)) throw error;
      mostMs = Math.min(waitMs, error.waitMs);
      if (passedMs >= mostMs) throw error;
    }
    if (looks === 1) onWait(mostMs);
    await delay(lookEveryMs);
  }
}
