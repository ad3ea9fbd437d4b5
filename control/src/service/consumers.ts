/** `/api/consumers`: the consumers of the apps, as they told Prometheus by way of the collector. */
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { samplesNow } from './prometheus.ts';

const consumerSchema = Type.Object({
  /** Part of the app that consumes: `orders`, `orders-2`. */
  part: Type.String(),
  queue: Type.String(),
  /** Whether the broker delivers to it. */
  consuming: Type.Boolean(),
  /** Messages delivered to it and not settled. */
  held: Type.Integer(),
  /** Time since it settled one, while it holds others, seconds; 0 when it holds none. */
  stalled_s: Type.Number(),
});

/** A consumer as its app last told it. */
export type ConsumerAsTold = Static<typeof consumerSchema>;

/** Body of `GET /api/consumers`. */
export const consumerListSchema = Type.Object({ consumers: Type.Array(consumerSchema) });

const queueLabel = 'messaging_destination_subscription_name';

/** Registers the route. */
export function registerConsumers(fastify: FastifyInstance, prometheus: string): void {
  fastify.get('/api/consumers', { schema: { response: { 200: consumerListSchema } } }, async () => {
    const names = 'shop_consumer_active|shop_consumer_held|shop_consumer_stalled_time_seconds';
    const samples = await samplesNow(prometheus, `{__name__=~"${names}"}`);
    const active = samples.filter(({ metric }) => metric['__name__'] === 'shop_consumer_active');
    return {
      consumers: active.map(({ metric, value }): ConsumerAsTold => {
        const of = (name: string) =>
          Number(
            samples.find(
              ({ metric: other }) =>
                other['__name__'] === name &&
                other['instance'] === metric['instance'] &&
                other[queueLabel] === metric[queueLabel],
            )?.value[1] ?? 0,
          );
        return {
          part: metric['instance'] ?? '',
          queue: metric[queueLabel] ?? '',
          consuming: value[1] === '1',
          held: of('shop_consumer_held'),
          stalled_s: of('shop_consumer_stalled_time_seconds'),
        };
      }),
    };
  });
}
