/** Whether the mesh keeps what it promises: objective, alerts, and the invariants that figures show. */
import { messageOf } from '@microshop/program-kit/errors';
import { typedHere } from '@microshop/program-kit/typed-here';
import {
  callEdges,
  edgeNamed,
  type MeshPolicies,
  placeOrderObjective,
  policyOf,
  services,
  topologyPolicies,
} from '@microshop/topology';
import { unreadFor } from '../audit/found.ts';
import { type Bucket, type EdgeAttempts, liveInvariants, liveMinutes } from '../audit/live.ts';
import type { ChangeBook } from '../changes/book.ts';
import type { Figure } from '../completeness/figure.ts';
import { samplesNow } from '../service/apps.ts';
import { readAlerts } from './alerts.ts';
import type { Health } from './health-schemas.ts';
import { readObjective } from './objective.ts';

/** What {@link readHealth} reads from. */
export interface HealthSources {
  /** `http://host:port`. */
  readonly prometheus: string;
  readonly changes: Pick<ChangeBook, 'read'>;
  /** How many traces are whole. */
  readonly completeness: () => Figure;
}

/** Reads it. What does not answer is named among `lacks`. */
export async function readHealth({ prometheus, changes, completeness }: HealthSources): Promise<Health> {
  const lacks: string[] = [];
  const lack = (what: string) => (error: unknown) => {
    lacks.push(`${what}: ${messageOf(error)}`);
    return undefined;
  };
  const unread = (error: unknown) => unreadFor('What Prometheus counts', error);
  const [objective, alerts, answers, attempts] = await Promise.all([
    readObjective(prometheus).catch(lack('The objective')),
    readAlerts(prometheus).catch(lack('The alerts')),
    readAnswers(prometheus).catch(unread),
    changes.read().then(({ policies }) => readAttempts(prometheus, policies).catch(unread)),
  ]);
  return {
    objective: objective ?? null,
    alerts: alerts?.alerts.map((alert) => ({ ...alert, next: typedHere(alert.next) })) ?? null,
    quiet: [...(alerts?.quiet ?? [])],
    invariants: liveInvariants({ answers, attempts, traces: completeness() }).map((one) => ({
      ...one,
      why: typedHere(one.why),
      broken_by: one.broken_by.map((text) => typedHere(text)),
    })),
    lacks,
  };
}

const counted = (metric: string, matchers: string) => `increase(${metric}{${matchers}}[${liveMinutes}m])`;

async function readAnswers(prometheus: string): Promise<Bucket[]> {
  const matchers = `job="envoy",envoy_route="${placeOrderObjective.stat}"`;
  const samples = await samplesNow(
    prometheus,
    `sum by (le) (${counted('envoy_vhost_route_upstream_rq_time_bucket', matchers)})`,
  );
  return samples.map(({ metric, value }) => ({
    ms: metric['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(metric['le']),
    count: Number(value[1]),
  }));
}

/** Under what its policy allows counts the topology's, too: a policy that was changed just now says nothing of before. */
async function readAttempts(prometheus: string, policies: MeshPolicies): Promise<EdgeAttempts[]> {
  const matchers = `envoy_cluster_name=~"${services.map(({ name }) => name).join('|')}"`;
  const sum = (metric: string) => `sum by (service, envoy_cluster_name) (${counted(metric, matchers)})`;
  // `total` knows only the attempts that had a connection
  const samples = await samplesNow(
    prometheus,
    `1 + ${sum('envoy_cluster_upstream_rq_retry')} / ${sum('envoy_cluster_upstream_rq_completed')}`,
  );
  return callEdges.flatMap((edge) => {
    const sample = samples.find(
      ({ metric }) => metric['service'] === edge.caller && metric['envoy_cluster_name'] === edge.callee,
    );
    const value = Number(sample?.value[1] ?? Number.NaN);
    // no call, no attempts
    if (!Number.isFinite(value)) return [];
    const most = Math.max(...[policies, topologyPolicies].map((known) => policyOf(known, edge).tries));
    return [{ edge: edgeNamed(edge), attempts: value, most }];
  });
}
