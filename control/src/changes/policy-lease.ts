/**
 * `/api/policy-leases`: policies are changed for a while. Who wants to, takes the lease and renews it; when it is given back,
 * or is not renewed in time, the policies from before stand again, also when this service was down meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { notFound, ProblemError } from '@microshop/service-kit';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ChangeBook } from './book.ts';
import {
  type LeaseAnswer,
  leaseAnswerSchema,
  leaseRequestSchema,
  type PolicyLease,
  type PolicyList,
  type PolicyRecord,
  policyListSchema,
} from './schemas.ts';
import { keepLease, readLease } from './store.ts';

/** Pause after an end that failed, milliseconds. */
const retryAfterMs = 1000;

const leaseParams = Type.Object({ id: Type.String() });

type Request = { Body: Static<typeof leaseRequestSchema> };
type Named = { Params: Static<typeof leaseParams> };

/** Registers the routes; `put` keeps records and applies them. A lease that has expired is ended before the service listens. */
export function registerPolicyLease(
  fastify: FastifyInstance,
  { state, delivery, read, write, inTurn }: ChangeBook,
  put: (records: readonly PolicyRecord[]) => Promise<PolicyList>,
): void {
  let timer: NodeJS.Timeout | undefined;

  function arm(lease: PolicyLease | undefined): void {
    clearTimeout(timer);
    if (lease !== undefined)
      timer = setTimeout(() => void expire(), Math.max(0, lease.expires_at - Date.now()));
  }

  /** What has expired is read as it was before it: applying that ends it. */
  async function expire(): Promise<void> {
    try {
      await inTurn(async () => {
        const lease = await readLease(state);
        // it may have been renewed while this waited for the lock
        if (lease === undefined || lease.expires_at > Date.now()) return arm(lease);
        const { policyRecords } = await read();
        await put(policyRecords);
        fastify.log.info(
          { lease: lease.id },
          'a lease has expired: the earlier policies are in effect again',
        );
      });
    } catch (error) {
      fastify.log.error({ err: error }, 'an expired lease could not be ended; retrying');
      timer = setTimeout(() => void expire(), retryAfterMs);
    }
  }

  /** The lease of that id. Throws the caller's mistake when it has ended. */
  async function held(id: string): Promise<PolicyLease> {
    const lease = await readLease(state);
    if (lease?.id === id && lease.expires_at > Date.now()) return lease;
    throw notFound(`The lease ${id} has ended: the earlier policies are in effect again`);
  }

  async function keep(lease: PolicyLease): Promise<LeaseAnswer> {
    await keepLease(state, lease);
    arm(lease);
    return { id: lease.id, expires_at: lease.expires_at };
  }

  fastify.addHook('onReady', async () => arm(await readLease(state)));
  fastify.addHook('onClose', async () => clearTimeout(timer));

  fastify.post<Request>(
    '/api/policy-leases',
    { schema: { body: leaseRequestSchema, response: { 201: leaseAnswerSchema } } },
    (request, reply) =>
      inTurn(async () => {
        const { for_ms, unchecked = false } = request.body;
        const now = Date.now();
        const other = await readLease(state);
        if (other !== undefined && other.expires_at > now) {
          throw new ProblemError(
            409,
            'conflict',
            `Policies are being changed for a while already; that ends by ${new Date(other.expires_at).toISOString()}, unless it is renewed`,
          );
        }
        const { policyRecords } = await read();
        // what an expired lease left is undone before the next one
        if (other !== undefined) await put(policyRecords);
        const lease = { id: randomUUID(), expires_at: now + for_ms, before: [...policyRecords], unchecked };
        reply.code(201);
        return await keep(lease);
      }),
  );

  fastify.put<Request & Named>(
    '/api/policy-leases/:id',
    { schema: { params: leaseParams, body: leaseRequestSchema, response: { 200: leaseAnswerSchema } } },
    (request) =>
      inTurn(async () => {
        const lease = await held(request.params.id);
        const renewed = await keep({ ...lease, expires_at: Date.now() + request.body.for_ms });
        if (delivery.endsLeases) await write();
        return renewed;
      }),
  );

  fastify.delete<Named>(
    '/api/policy-leases/:id',
    { schema: { params: leaseParams, response: { 200: policyListSchema } } },
    (request) =>
      inTurn(async () => {
        const { before } = await held(request.params.id);
        const list = await put(before);
        await keepLease(state, undefined);
        arm(undefined);
        return list;
      }),
  );
}
