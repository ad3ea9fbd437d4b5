/** `/api/policies`: what callers do with calls, by edge: their Envoys, and the breakers of their apps. */
import { setTimeout as delay } from 'node:timers/promises';
import { badRequest, ProblemError } from '@microshop/service-kit';
import {
  type CallEdge,
  callEdges,
  edgeBetween,
  type MeshPolicies,
  PolicyError,
  policyOf,
  policyValues,
  topologyPolicies,
} from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ChangeBook } from './book.ts';
import type { FileState } from './in-force.ts';
import { registerPolicyLease } from './policy-lease.ts';
import { differencesOf, recordsWith } from './policy-values.ts';
import {
  type AppliedPolicies,
  appliedPoliciesSchema,
  type PolicyAnswer,
  type PolicyList,
  type PolicyRecord,
  policyChangeSchema,
  policyListSchema,
  wantedPoliciesSchema,
} from './schemas.ts';
import { type Changes, keepPolicies, policiesOf, readLease } from './store.ts';

/** Pause between two polls, milliseconds. */
const lookEveryMs = 25;

/** Any names: {@link edgeOf} checks that there is such a call, and not the schema. */
const edgeParams = Type.Object({ caller: Type.String(), callee: Type.String() });

type Edge = Static<typeof edgeParams>;

/** Registers the routes. */
export function registerPolicies(fastify: FastifyInstance, book: ChangeBook): void {
  const { state, delivery } = book;

  /** Whether policies have to fit together: always, but for a lease that lets them not. */
  async function areChecked(): Promise<boolean> {
    const lease = await readLease(state);
    return lease === undefined || lease.expires_at <= Date.now() || !lease.unchecked;
  }

  /** Writes the records and waits for Envoys and apps. What an Envoy refuses is taken back, and the old one stays. */
  async function put(records: readonly PolicyRecord[]): Promise<PolicyList> {
    const checked = await areChecked();
    orMistake(() => policiesOf(records, checked));
    const before = await book.read();
    const refusedBefore = new Map((await delivery.states(before)).map((one) => [nameOf(one), one.refused]));
    const refused = (states: readonly FileState[]) =>
      states.filter((state) => state.refused > (refusedBefore.get(nameOf(state)) ?? 0));

    await keepPolicies(state, records);
    const after = await book.write();
    const states = await settledStates(after, refused);
    if (refused(states).length > 0) {
      await keepPolicies(state, before.policyRecords);
      await book.write();
      const names = refused(states).map(nameOf).join(', ');
      throw new ProblemError(
        409,
        'conflict',
        `Envoy refused ${names}; the previous policy stays in effect. ./mesh logs <sidecar> says why`,
      );
    }
    return policyList(after, states);
  }

  async function settledStates(
    changes: Changes,
    refused: (states: readonly FileState[]) => readonly FileState[],
  ): Promise<readonly FileState[]> {
    const end = performance.now() + delivery.reportLimitMs;
    for (;;) {
      const states = await delivery.states(changes);
      const over = states.every((state) => state.current) || refused(states).length > 0;
      if (over || performance.now() >= end) return states;
      await delay(lookEveryMs);
    }
  }

  fastify.get('/api/policies', { schema: { response: { 200: policyListSchema } } }, async () => {
    const changes = await book.read();
    return policyList(changes, await delivery.states(changes));
  });

  fastify.put<{ Body: Static<typeof wantedPoliciesSchema> }>(
    '/api/policies',
    { schema: { body: wantedPoliciesSchema, response: { 200: appliedPoliciesSchema } } },
    (request) =>
      book.inTurn(async (): Promise<AppliedPolicies> => {
        const before = await book.read();
        const records = orMistake(() => recordsWith(before.policyRecords, request.body.policies));
        const checked = await areChecked();
        const differences = orMistake(() => differencesOf(before.policies, policiesOf(records, checked)));
        // what is in effect is not written again
        if (differences.length === 0)
          return { ...policyList(before, await delivery.states(before)), differences };
        const list = await put(records);
        request.log.info({ differences }, 'policies applied');
        return { ...list, differences };
      }),
  );

  fastify.put<{ Params: Edge; Body: PolicyRecord['change'] }>(
    '/api/policies/:caller/:callee',
    { schema: { params: edgeParams, body: policyChangeSchema, response: { 200: policyListSchema } } },
    (request) =>
      book.inTurn(async () => {
        const edge = edgeOf(request.params);
        const { caller, callee } = edge;
        const { policyRecords } = await book.read();
        const known = policyRecords.find((record) => isOf(record, edge));
        const change = { ...known?.change, ...request.body };
        const list = await put([
          ...policyRecords.filter((record) => record !== known),
          { caller, callee, change },
        ]);
        request.log.info({ caller, callee, change: request.body }, 'policy changed');
        return list;
      }),
  );

  fastify.delete<{ Params: Edge }>(
    '/api/policies/:caller/:callee',
    { schema: { params: edgeParams, response: { 200: policyListSchema } } },
    (request) =>
      book.inTurn(async () => {
        // an edge that does not exist is a mistake here, too
        const edge = edgeOf(request.params);
        const { policyRecords } = await book.read();
        return await put(policyRecords.filter((record) => !isOf(record, edge)));
      }),
  );

  fastify.delete('/api/policies', { schema: { response: { 200: policyListSchema } } }, () =>
    book.inTurn(() => put([])),
  );

  registerPolicyLease(fastify, book, put);
}

function isOf(record: CallEdge, edge: CallEdge): boolean {
  return record.caller === edge.caller && record.callee === edge.callee;
}

/** The call that was named. */
function edgeOf({ caller, callee }: Edge): CallEdge {
  return orMistake(() => edgeBetween(caller, callee));
}

/** Throws what does not fit together as the caller's mistake. */
function orMistake<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PolicyError) throw badRequest(error.message);
    throw error;
  }
}

function nameOf({ part, file }: FileState): string {
  return `${part}/${file}`;
}

function policyList({ policies, problems }: Changes, states: readonly FileState[]): PolicyList {
  return {
    policies: callEdges.map((edge) => policyAnswer(edge, policies)),
    problems: [...problems],
    waiting_for: [...new Set(states.filter((state) => !state.current).map(({ part }) => part))],
  };
}

function policyAnswer({ caller, callee }: CallEdge, policies: MeshPolicies): PolicyAnswer {
  const edge = { caller, callee };
  const policy = policyValues(policyOf(policies, edge));
  const original = Object.entries(policyValues(policyOf(topologyPolicies, edge)));
  const changed = original.filter(([field, value]) => policy[field] !== value);
  return { caller, callee, policy, changed: Object.fromEntries(changed) };
}
