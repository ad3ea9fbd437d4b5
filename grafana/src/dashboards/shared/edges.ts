/** What several dashboards show of the edges. */
import { answered503, labelOfLine, tracesLink } from '../../panels/links.ts';
import { failureLimits } from '../../panels/thresholds.ts';
import { type TimeSeries, timeSeries } from '../../panels/time-series.ts';
import { units } from '../../panels/units.ts';
import * as edges from '../../queries/edges.ts';

/** Calls that came to the callee: its sidecar's spans are in the traces of both sides. */
export const calleeTraces = (failed: boolean) =>
  tracesLink({
    title: failed
      ? 'Traces that the callee’s sidecar answered with 503'
      : 'Traces through the callee’s sidecar',
    service: `${labelOfLine(edges.calleeLabel)}-sidecar`,
    ...(failed ? { having: answered503.byEnvoy } : {}),
  });

/** Title of the row of these panels. */
export const edgesRow = 'Edges, as the caller’s Envoy sees them';

/** Answers of each edge. */
export const edgeRate = (links: TimeSeries['links'] = []) =>
  timeSeries({
    title: 'Rate',
    description: 'Answers per second on each edge. A request that was retried counts once.',
    unit: units.requestsPerSecond,
    queries: [{ expr: edges.answers, legend: edges.edgeLegend }],
    links,
  });

/** Failures of each edge; `more` says where to look further. */
export const edgeErrors = (more = '') =>
  timeSeries({
    title: 'Errors',
    description: `Share of the answers that were 5xx. Errors start at the failing edge and spread to those before it.${more}`,
    unit: units.share,
    queries: [{ expr: edges.failedShare, legend: edges.edgeLegend }],
    limits: failureLimits,
    links: [calleeTraces(true)],
  });
