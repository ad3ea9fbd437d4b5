/** Reads a DestinationRule of Istio: which calls it is about, and the values that it has for them. */
import { type CallEdge, callEdges, edgePolicy } from '@microshop/topology';
import { durationText } from '../output/values.ts';
import { type Callers, callersIn } from './callers.ts';
import type { Resource } from './documents.ts';
import type { Fields } from './fields.ts';
import type { GivenValues } from './given-values.ts';
import type { Hosts } from './hosts.ts';
import { mostOf } from './policy-field.ts';
import { unknownHost } from './virtual-service.ts';

/** What a rule says about some calls. */
export interface RuleValues {
  readonly edges: readonly CallEdge[];
  readonly values: GivenValues;
  /**
   * Which of several rules for a call counts, the one with the least: as in Istio, one for the pods of its caller before one for
   * every caller. Last is one for only some of these pods.
   */
  readonly rank: number;
}

/** Largest number that Istio takes in a field of 32 bits. */
const largest = 2 ** 32 - 1;

type Values = Record<string, number>;

/** What it says; `undefined` when it is about no call of the shop. */
export function ruleOf({ spec }: Resource, hosts: Hosts): RuleValues | undefined {
  if (spec === undefined) return undefined;
  const host = spec.text('host');
  if (!spec.has('host')) spec.mistake('host', 'is missing');
  const callee = host === undefined ? undefined : hosts.serviceOf(host);
  if (host?.startsWith('*') === true && callee === undefined) {
    spec.note('host', 'it stands for several hosts: a rule is taken over for one');
  } else if (host !== undefined && callee === undefined) spec.mistake('host', unknownHost(host));
  const callers = selectedIn(spec, hosts);
  const values: Values = {};
  const policy = spec.map('trafficPolicy');
  if (policy !== undefined) readPolicy(policy, values);
  if (spec.has('subsets')) spec.note('subsets', 'a service has no subsets here');
  spec.rest();
  const edges = callEdges.filter(
    (edge) => edge.callee === callee && (callers.names?.includes(edge.caller) ?? true),
  );
  return edges.length === 0 ? undefined : { edges, values, rank: rankOf(callers) };
}

function rankOf({ names, whole }: Callers): number {
  if (names === undefined) return 1;
  return whole ? 0 : 2;
}

/** Who the rule is for: with a selector the callers whose pods it selects, else every caller. */
function selectedIn(spec: Fields, hosts: Hosts): Callers {
  const selector = spec.map('workloadSelector');
  if (selector === undefined) return { names: undefined, whole: true };
  const callers = callersIn(selector, 'matchLabels', hosts);
  selector.rest();
  return callers;
}

function readPolicy(policy: Fields, values: Values): void {
  const pool = policy.map('connectionPool');
  if (pool !== undefined) {
    const tcp = pool.map('tcp');
    if (tcp !== undefined) {
      readCount(tcp, 'maxConnections', 'max_connections', values);
      tcp.rest();
    }
    const http = pool.map('http');
    if (http !== undefined) {
      readCount(http, 'http1MaxPendingRequests', 'max_pending_requests', values);
      readCount(http, 'http2MaxRequests', 'max_requests', values);
      readCount(http, 'maxConcurrentStreams', 'max_streams', values);
      if (http.has('maxRetries')) {
        http.note('maxRetries', 'retries under way are bounded by a budget here: min_retry_concurrency');
      }
      http.rest();
    }
    pool.rest();
  }
  const budget = policy.map('retryBudget');
  if (budget !== undefined) readBudget(budget, values);
  const outlier = policy.map('outlierDetection');
  if (outlier !== undefined) readOutlier(outlier, values);
  const tls = policy.map('tls');
  if (tls?.text('mode') === 'ISTIO_MUTUAL') tls.rest();
  else if (tls !== undefined)
    policy.note('tls', 'every call here has mutual TLS with certificates of the mesh');
  if (policy.has('portLevelSettings')) {
    policy.note('portLevelSettings', 'a service has one port here: its policy is the one above them');
  }
  policy.rest();
}

/** A count that Istio bounds by default with its largest number, which 0 stands for, too. */
function readCount(fields: Fields, key: string, name: string, values: Values): void {
  const most = mostOf(name);
  const found = fields.count(key, 0, largest);
  if (found === undefined) return;
  if (found === 0) fields.note(key, `0 is Istio’s default, no limit: ${name} stays as it is`);
  else values[name] = Math.min(found, most);
  if (found > most) fields.note(key, `${name} is ${most}, the most there is here`);
}

function readBudget(budget: Fields, values: Values): void {
  const percent = budget.percent('percent');
  if (percent !== undefined) {
    values['retry_budget_percent'] = Math.round(percent);
    if (!Number.isInteger(percent)) budget.note('percent', `it is rounded to ${Math.round(percent)}`);
  }
  const name = 'min_retry_concurrency';
  const least = budget.count('minRetryConcurrency', 0, largest);
  if (least === 0) budget.note('minRetryConcurrency', `Istio reads 0 as its default: ${name} is 3`);
  if (least !== undefined) values[name] = Math.min(least === 0 ? 3 : least, mostOf(name));
  budget.rest();
}

function readOutlier(outlier: Fields, values: Values): void {
  const failures = outlier.count('consecutive5xxErrors', 0, largest);
  if (failures === 0) {
    outlier.note('consecutive5xxErrors', 'it cannot be off here: consecutive_5xx stays as it is');
  } else if (failures !== undefined) {
    const most = mostOf('consecutive_5xx');
    values['consecutive_5xx'] = Math.min(failures, most);
    if (failures > most) outlier.note('consecutive5xxErrors', `${most} is the most there is here`);
  }
  const ejectionMs = outlier.duration('baseEjectionTime');
  if (ejectionMs !== undefined) values['ejection_ms'] = ejectionMs;
  const { intervalMs } = edgePolicy.outlierDetection;
  // it is not taken over, so no limit here bounds it
  const interval = outlier.duration('interval', null);
  if (interval !== undefined && interval !== intervalMs) {
    outlier.note('interval', `it is always ${durationText(intervalMs)} here`);
  }
  const share = outlier.percent('maxEjectionPercent');
  if (share === 0)
    outlier.note('maxEjectionPercent', 'Istio reads 0 as its default: max_ejection_percent is 10');
  if (share !== undefined) {
    values['max_ejection_percent'] = share === 0 ? 10 : Math.round(share);
    if (!Number.isInteger(share)) outlier.note('maxEjectionPercent', `it is rounded to ${Math.round(share)}`);
  }
  outlier.rest();
}
