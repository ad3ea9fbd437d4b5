/** The mesh as the map shows it: its places and ways from the topology, with what was counted and changed. */
import {
  type CallEdge,
  callEdges,
  edgeNamed,
  effectsIn,
  eventRoutes,
  type Placement,
  podsOf,
  services,
} from '@microshop/topology';
import type { FaultRecord, PolicyRecord } from '../changes/schemas.ts';
import { breakerLabels, callLabels, type FigureName, type Figures, figureOf, queueLabel } from './figures.ts';
import type { MapEdge, MapNode } from './schemas.ts';

const redis: MapNode = { id: 'redis', kind: 'cache', parts: ['redis'] };

/** Every place, in the order in which a request comes to it. */
export function mapNodes(placement: Placement): MapNode[] {
  return [
    { id: 'gateway', kind: 'gateway', parts: ['gateway'] },
    ...services.map(
      ({ name }): MapNode => ({
        id: name,
        kind: 'service',
        parts: podsOf(placement, name).flatMap(({ app, sidecar }) => [app, sidecar]),
      }),
    ),
    { id: 'rabbitmq', kind: 'broker', parts: ['rabbitmq'] },
    ...services.map(
      ({ database }): MapNode => ({ id: database.name, kind: 'database', parts: ['postgres'] }),
    ),
    ...(services.some(({ cache }) => cache) ? [redis] : []),
  ];
}

/** What was changed on purpose. */
interface Changed {
  readonly faults: readonly FaultRecord[];
  readonly policyRecords: readonly PolicyRecord[];
}

const breakerStates = ['closed', 'half_open', 'open'] as const;

/** Nothing is known of it. */
const unknown = {
  rate: null,
  failed: null,
  p95_ms: null,
  attempts: null,
  breaker: null,
  faults: [],
  changed: [],
  ejected: 0,
} as const;

function wayOf(kind: MapEdge['kind'], from: string, to: string): MapEdge {
  return { id: `${from} → ${to}`, kind, from, to, ...unknown, faults: [], changed: [] };
}

/** Every way; `figures` is undefined when Prometheus does not answer. */
export function mapEdges(figures: Figures | undefined, changed: Changed): MapEdge[] {
  return [...callEdges.map((edge) => callWay(edge, figures, changed)), ...otherWays(figures)];
}

function callWay(edge: CallEdge, figures: Figures | undefined, { faults, policyRecords }: Changed): MapEdge {
  const { caller, callee } = edge;
  const record = policyRecords.find((one) => one.caller === caller && one.callee === callee);
  const way: MapEdge = {
    ...wayOf('http', caller, callee),
    id: edgeNamed(edge),
    faults: faults.filter((fault) => meets(fault, edge, faults)).map(faultText),
    changed: Object.keys(record?.change ?? {}),
  };
  if (figures === undefined) return way;
  const labels = callLabels(edge);
  const state = figureOf(figures, 'breakers', breakerLabels(edge));
  return {
    ...way,
    rate: figureOf(figures, 'rate', labels),
    failed: figureOf(figures, 'failed', labels),
    p95_ms: figureOf(figures, 'p95_ms', labels),
    attempts: figureOf(figures, 'attempts', labels),
    breaker: state === null ? null : (breakerStates[state] ?? null),
    ejected: figureOf(figures, 'ejected', labels) ?? 0,
  };
}

/** Whether calls over the edge meet the fault: a fault for one caller counts before the one for all. */
function meets(fault: FaultRecord, { caller, callee }: CallEdge, all: readonly FaultRecord[]): boolean {
  if (fault.service !== callee) return false;
  if (fault.from !== null) return fault.from === caller;
  return !all.some(
    (other) =>
      other.service === callee && other.from === caller && (other.replica ?? fault.replica) === fault.replica,
  );
}

/** `answered 503, 30 %`. */
export function faultText(fault: FaultRecord): string {
  const effects = effectsIn(fault).map(({ field, value }) =>
    field.kind === 'duration' ? `${field.effect.said} ${value} ms` : `${field.effect.said} ${value}`,
  );
  return [...effects, `${fault.percent} %`].join(', ');
}

/** Events, statements and lookups. */
function otherWays(figures: Figures | undefined): MapEdge[] {
  const publishers = [...new Set(eventRoutes.map(({ from }) => from))];
  const queues = new Map(eventRoutes.map(({ queue, to }) => [queue, to]));
  const milliseconds = (seconds: number | null) => (seconds === null ? null : seconds * 1000);
  const value = (name: FigureName, labels: Readonly<Record<string, string>>) =>
    figures === undefined ? null : figureOf(figures, name, labels);
  return [
    ...publishers.map((from) => ({
      ...wayOf('events', from, 'rabbitmq'),
      rate: value('published', { service_name: from }),
    })),
    ...[...queues].map(([queue, to]) => ({
      ...wayOf('events', 'rabbitmq', to),
      rate: value('consumed', { [queueLabel]: queue }),
      p95_ms: milliseconds(value('lag', { [queueLabel]: queue })),
    })),
    ...services.map(({ name, database }) => ({
      ...wayOf('database', name, database.name),
      rate: value('statements', { service_name: name }),
      p95_ms: milliseconds(value('statementTime', { service_name: name })),
    })),
    ...services
      .filter(({ cache }) => cache)
      .map(({ name }) => ({
        ...wayOf('cache', name, 'redis'),
        rate: value('lookups', { service_name: name }),
      })),
  ];
}
