/** `/api/breakers` and `/api/consumers`: what the apps last reported of theirs to Prometheus, by way of the collector. */
import { expectBody, requestJson } from '@microshop/program-kit/http-json';
import { attributes } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';

const vectorSchema = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        value: Type.Tuple([Type.Number(), Type.String()]),
      }),
    ),
  }),
});

/** A sample: its labels, and its time in seconds since the epoch beside its value. */
export type Sample = Static<typeof vectorSchema>['data']['result'][number];

/** The samples of an instant query; `origin` is Prometheus' own. Rejects where it does not answer with them. */
export async function samplesNow(origin: string, query: string): Promise<Sample[]> {
  const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
  const { body } = await requestJson('prometheus', 'GET', origin + path);
  return expectBody(vectorSchema, body, 'prometheus').data.result;
}

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
  /** Age of these figures, seconds: the time since the app last sent its metrics is at most 10 s more. */
  age_s: Type.Number(),
});

/** A breaker as its app last reported it. */
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

/** Registers the route. A breaker is made with an app's first call to a peer; before it there is none to report. */
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

/** A consumer as its app last reported it. */
export type ReportedConsumer = Static<typeof consumerSchema>;

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
      consumers: active.map(({ metric, value }): ReportedConsumer => {
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
