/**
 * `/api/faults`: what the sidecars do to calls on purpose; and the same as a metric, so that dashboards show when a
 * fault was set and when it ended.
 */
import {
  attributes,
  callersOf,
  effectFields,
  effectsIn,
  type FaultEffect,
  type FaultRequest,
  type Identity,
  type ServiceName,
  services,
} from '@microshop/topology';
import { type BatchObservableCallback, metrics } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ChangeBook } from './book.ts';
import { createFaultBook } from './fault-book.ts';
import { type FaultRecord, faultAnswerSchema, faultListSchema, faultRequestSchema } from './schemas.ts';

/** A fault that can be set, and the share of the calls that meet it, 0 to 1. */
export interface FaultShare {
  readonly callee: ServiceName;
  /** `any`: every caller without a fault of its own. */
  readonly caller: Identity | 'any';
  /** The attribute `shop.fault.kind`. */
  readonly kind: FaultEffect['kind'];
  readonly share: number;
}

/** Every fault that can be set; those that are not have share 0, so that the end of one is seen at once. */
export function faultShares(faults: readonly FaultRecord[]): FaultShare[] {
  return services.flatMap(({ name: callee }) =>
    [undefined, ...callersOf(callee)].flatMap((from) =>
      effectFields.map(({ name, effect }): FaultShare => {
        const set = faults.find(
          (fault) =>
            fault.service === callee &&
            fault.from === (from ?? null) &&
            effectsIn(fault).some(({ field }) => field.name === name),
        );
        return { callee, caller: from ?? 'any', kind: effect.kind, share: (set?.percent ?? 0) / 100 };
      }),
    ),
  );
}

/** Reports them at each export; returns how to end that. A state that cannot be read reports nothing. */
export function observeFaults(read: () => Promise<{ readonly faults: readonly FaultRecord[] }>): () => void {
  const meter = metrics.getMeter('@microshop/control');
  const gauge = meter.createObservableGauge('shop.fault.share', {
    unit: '1',
    description: 'Share of the calls to a service that meet a fault, by caller and kind; 0 when none is set.',
  });
  const observe: BatchObservableCallback = async (result) => {
    const changes = await read().catch(() => undefined);
    if (changes === undefined) return;
    for (const { callee, caller, kind, share } of faultShares(changes.faults)) {
      result.observe(gauge, share, {
        [attributes.peer]: callee,
        [attributes.caller]: caller,
        [attributes.faultKind]: kind,
      });
    }
  };
  meter.addBatchObservableCallback(observe, [gauge]);
  return () => meter.removeBatchObservableCallback(observe, [gauge]);
}

const clearQuery = Type.Object({ service: Type.Optional(Type.Enum(services.map(({ name }) => name))) });

/** Registers the routes; faults that are on disk are in effect before the service listens. */
export function registerFaults(fastify: FastifyInstance, book: ChangeBook): void {
  const faults = createFaultBook(book, fastify.log);
  const unobserve = observeFaults(() => book.read());
  fastify.addHook('onReady', () => faults.begin());
  fastify.addHook('onClose', async () => {
    unobserve();
    faults.end();
  });

  fastify.get('/api/faults', { schema: { response: { 200: faultListSchema } } }, async () => ({
    faults: await faults.list(),
  }));

  fastify.post<{ Body: FaultRequest }>(
    '/api/faults',
    { schema: { body: faultRequestSchema, response: { 201: faultAnswerSchema } } },
    async (request, reply) => reply.code(201).send(await faults.set(request.body)),
  );

  fastify.delete<{ Querystring: Static<typeof clearQuery> }>(
    '/api/faults',
    {
      schema: {
        querystring: clearQuery,
        response: { 200: Type.Object({ cleared: Type.Integer() }) },
      },
    },
    async (request) => ({ cleared: (await faults.clear(request.query.service)).length }),
  );
}
