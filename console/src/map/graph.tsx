/** The map drawn: places, ways with their figures, traffic that moves. Loaded when the map is shown. */
import type { MapEdge, MapNode, Overview } from '@microshop/control/console/schemas';
import {
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { attemptsText, millisecondsText, rateText, shareText } from '../look/format.ts';
import { badgesOf, healthOf, healths, spoken } from './health.ts';
import { layoutOf, nextIn, nodeSize, type Point, pathThrough } from './layout.ts';
import './graph.css';

/** `down` is undefined until the parts were asked. */
type PlaceData = { readonly node: MapNode; readonly down: readonly string[] | undefined };
type WayData = {
  readonly edge: MapEdge;
  readonly points: readonly Point[];
  readonly label: Point;
  readonly chosen: boolean;
  readonly choose: (id: string) => void;
  readonly onKey: (event: KeyboardEvent, id: string) => void;
};

/** A place: its name, and which of its parts do not answer. */
function Place({ data: { node, down } }: NodeProps<Node<PlaceData>>) {
  const replicas = node.kind === 'service' ? node.parts.length / 2 : 1;
  return (
    <div className={`place ${node.kind} ${down === undefined ? 'idle' : down.length > 0 ? 'bad' : 'well'}`}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <strong>{node.id}</strong>
      <small>{describe(node, replicas)}</small>
      <small className="state">{answersText(down)}</small>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

function answersText(down: readonly string[] | undefined): string {
  if (down === undefined) return '· is asked';
  return down.length > 0 ? `✗ ${down.join(', ')}` : '✓ answers';
}

function describe({ kind, parts }: MapNode, replicas: number): string {
  if (kind === 'service') return replicas > 1 ? `${replicas} replicas` : 'service and sidecar';
  if (kind === 'gateway') return 'Envoy';
  return kind === 'database' ? `database in ${parts[0]}` : kind;
}

/** A way: its line, and a button with its figures. */
function Way({ id, data, markerEnd }: EdgeProps<Edge<WayData>>) {
  if (data === undefined) return null;
  const { edge, points, label, chosen, choose, onKey } = data;
  const health = healthOf(edge);
  const path = pathThrough(points);
  const badges = badgesOf(edge);
  // twice the traffic moves faster, but not twice as fast: a busy edge stays readable
  const seconds = Math.max(0.4, 2.5 / Math.sqrt(1 + (edge.rate ?? 0)));
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        {...(markerEnd === undefined ? {} : { markerEnd })}
        className={`way ${edge.kind} ${health}`}
      />
      {(edge.rate ?? 0) > 0 && (
        <path d={path} className={`moving ${health}`} style={{ animationDuration: `${seconds}s` }} />
      )}
      <EdgeLabelRenderer>
        <button
          type="button"
          data-edge={id}
          className={`figures nopan ${health}${chosen ? ' chosen' : ''}`}
          style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)` }}
          aria-pressed={chosen}
          onClick={() => choose(id)}
          onKeyDown={(event) => onKey(event, id)}
        >
          <span className="spoken">{spoken(edge)}</span>
          <span className="line" aria-hidden="true">
            <b>{healths[health].sign}</b> {rateText(edge.rate)}
            {edge.failed !== null && ` ${shareText(1 - edge.failed)}`}
          </span>
          <span className="line soft" aria-hidden="true">
            {edge.p95_ms !== null && millisecondsText(edge.p95_ms)}
            {edge.attempts !== null && ` ×${attemptsText(edge.attempts)}`}
          </span>
          {badges.length > 0 && (
            <span className="line" aria-hidden="true">
              {badges.map(({ text, short, kind }) => (
                <span key={text} className={`badge ${kind}`} title={text}>
                  {short}
                </span>
              ))}
            </span>
          )}
        </button>
      </EdgeLabelRenderer>
    </>
  );
}

/** Where ways end and begin. */
const handles: NonNullable<Node['handles']> = [
  { type: 'target', position: Position.Left, x: 0, y: nodeSize.height / 2 },
  { type: 'source', position: Position.Right, x: nodeSize.width, y: nodeSize.height / 2 },
];

const nodeTypes = { place: Place };
const edgeTypes = { way: Way };

/** Size at which a phone shows a part of the map that can be read; the rest is dragged into sight. */
const narrowZoom = 0.85;

/** Fits the map into its place whenever that changes; on a narrow page it begins where requests do. */
function Fitted({ narrow, begin }: { readonly narrow: boolean; readonly begin: Point }) {
  const { fitView, setCenter } = useReactFlow();
  const { x, y } = begin;
  useEffect(() => {
    const fit = () =>
      void (narrow
        ? setCenter(x, y, { zoom: narrowZoom })
        : fitView({ padding: 0.05, maxZoom: 1.2, minZoom: 0.3 }));
    fit();
    const place = document.querySelector('.map-graph');
    if (place === null) return;
    const observer = new ResizeObserver(fit);
    observer.observe(place);
    return () => observer.disconnect();
  }, [fitView, setCenter, narrow, x, y]);
  return null;
}

/** What the map is given. */
interface GraphProps {
  readonly overview: Overview;
  /** The edge whose panel is open. */
  readonly chosen: string | undefined;
  readonly choose: (id: string) => void;
  readonly narrow: boolean;
}

/** The map. Arrow keys lead from edge to edge, Enter opens one. */
export default function Graph({ overview, chosen, choose, narrow }: GraphProps) {
  const place = useRef<HTMLElement>(null);
  // the shape follows from the topology alone, and stays while figures change
  const shape = overview.edges.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the shape counts, see above
  const laidOut = useMemo(() => layoutOf(overview.nodes, overview.edges, narrow), [shape, narrow]);

  const onKey = (event: KeyboardEvent, id: string) => {
    const next = nextIn(event.key, id, laidOut.edges);
    if (next === undefined) return;
    event.preventDefault();
    place.current?.querySelector<HTMLElement>(`[data-edge="${next}"]`)?.focus();
  };
  const asked = overview.parts.length > 0;
  const downParts = new Set(overview.parts.filter(({ healthy }) => !healthy).map(({ name }) => name));
  const nodes = overview.nodes.map(
    (node): Node<PlaceData> => ({
      id: node.id,
      type: 'place',
      position: laidOut.nodes.get(node.id) ?? { x: 0, y: 0 },
      data: { node, down: asked ? node.parts.filter((name) => downParts.has(name)) : undefined },
      ...nodeSize,
      // without these the library measures each node again whenever its figures change, and draws no edge meanwhile: the
      // focus on one would be lost
      measured: nodeSize,
      handles,
    }),
  );
  const edges = overview.edges.map((edge): Edge<WayData> => {
    const { points = [], label = { x: 0, y: 0 } } = laidOut.edges.get(edge.id) ?? {};
    return {
      id: edge.id,
      type: 'way',
      source: edge.from,
      target: edge.to,
      markerEnd: {
        type: MarkerType.ArrowClosed,
        width: 26,
        height: 26,
        markerUnits: 'userSpaceOnUse',
        color: 'var(--soft)',
      },
      data: { edge, points, label, chosen: edge.id === chosen, choose, onKey },
    };
  });
  return (
    <section
      className="map-graph"
      ref={place}
      aria-label="Map of the mesh: arrow keys lead from edge to edge"
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        minZoom={0.3}
        maxZoom={2}
        proOptions={{ hideAttribution: true }}
      >
        <Controls showInteractive={false} position="bottom-left" />
        <Fitted narrow={narrow} begin={laidOut.begin} />
      </ReactFlow>
    </section>
  );
}
