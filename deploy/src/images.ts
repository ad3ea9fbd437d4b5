/** Images of others, each with a whole version; docs/images.md shows how one is raised. */

/** One image. */
export interface Image {
  /** `name:tag`. */
  readonly image: string;
  /** Why this line of releases, where that is not plain. */
  readonly why?: string;
}

/** Every image that we do not build. Envoy, Jaeger and k6 are the releases of the native mode. */
export const images = {
  envoy: { image: 'envoyproxy/envoy:v1.40.0' },
  k6: { image: 'grafana/k6:1.1.0' },
  postgres: {
    image: 'postgres:18.6',
    why: 'the major of the native mode, its newest release in Debian at the end of November 2026',
  },
  rabbitmq: {
    image: 'rabbitmq:4.3.6-management',
    why: 'only the newest release line gets fixes; consumers here do not count on requeued messages reaching the delivery limit',
  },
  redis: {
    image: 'redis:8.10.2',
    why: 'the newest line; CVE-2026-23479 is fixed from 8.6.3 on',
  },
  jaeger: { image: 'jaegertracing/jaeger:2.13.0' },
  prometheus: {
    image: 'prom/prometheus:v3.13.3',
    why: 'the line for long-term support, until July 2027',
  },
  grafana: { image: 'grafana/grafana:12.3.0' },
} as const satisfies Readonly<Record<string, Image>>;

/** The lines `image` of a service, with the reason above. */
export function imageLines({ image, why }: Image): readonly string[] {
  return [...(why === undefined ? [] : [`# ${why}`]), `image: ${image}`];
}
