/** `/api/breakers`: the breakers of the apps, as they told Prometheus by way of the collector. */
import { attributes } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Sample, samplesNow } from './prometheus.ts';

const breakerSchema = Type.Object({
  /** Part of the app that holds it: `orders`, `orders-2`. */
  part: Type.String(),
  caller: Type.String(),
  callee: Type.String(),
  state: Type.Enum(['closed', 'half_open', 'open']),
  /** Times it opened since its app was started. */
  opens: Type.Integer(),
  /** Calls it refused, being open. */
  rejections: Type.Integer(),
  /** Calls that got no answer in time. */
  timeouts: Type.Integer(),
  /** Age of what is told here, seconds: the time since the app last sent its metrics is at most 10 s more. */
  age_s: Type.Number(),
});

/** A breaker as its app last told it. */
export type Breaker = Static<typeof breakerSchema>;

/** Body of `GET /api/breakers`. */
export const breakerListSchema = Type.Object({ breakers: Type.Array(breakerSchema) });

/** Labels in Prometheus: dots become underscores. */
const label = (name: string) => name.replaceAll('.', '_');
const calleeLabel = label(attributes.peer);
const callerLabel = label(attributes.caller);
const classLabel = label(attributes.errorClass);

/** Values of the gauge `shop.breaker.state`. */
const states = ['closed', 'half_open', 'open'] as const;

/** Registers the route. A breaker is made with an app's first call to a peer; before it there is none to tell of. */
export function registerBreakers(fastify: FastifyInstance, prometheus: string): void {
  const query = (text: string) => samplesNow(prometheus, text);
  const same = (one: Sample, other: Sample) =>
    ['instance', callerLabel, calleeLabel].every((name) => one.metric[name] === other.metric[name]);

  fastify.get('/api/breakers', { schema: { response: { 200: breakerListSchema } } }, async () => {
    const [gauges, times, opens, failures] = await Promise.all([
      query('shop_breaker_state'),
      query('timestamp(shop_breaker_state)'),
      query('shop_breaker_opens_total'),
      query(`shop_call_failures_total{${classLabel}=~"breaker_open|dependency_timeout"}`),
    ]);
    return {
      breakers: gauges.map((gauge): Breaker => {
        const of = (samples: readonly Sample[], errorClass?: string) =>
          Number(
            samples.find(
              (sample) =>
                same(sample, gauge) && (errorClass === undefined || sample.metric[classLabel] === errorClass),
            )?.value[1] ?? 0,
          );
        return {
          part: gauge.metric['instance'] ?? '',
          caller: gauge.metric[callerLabel] ?? '',
          callee: gauge.metric[calleeLabel] ?? '',
          state: states[Number(gauge.value[1])] ?? 'closed',
          opens: of(opens),
          rejections: of(failures, 'breaker_open'),
          timeouts: of(failures, 'dependency_timeout'),
          age_s: Math.max(0, Math.round((gauge.value[0] - of(times)) * 10) / 10),
        };
      }),
    };
  });
}
