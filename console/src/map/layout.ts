/** Where everything on the map is: by dagre, which keeps room for the label of each edge. */
import { Graph, layout } from '@dagrejs/dagre';
import type { MapEdge, MapNode } from '@microshop/control/console/schemas';

/** Sizes in pixels. */
export const nodeSize = { width: 150, height: 64 } as const;
/** The third line holds badges. */
const labelSize = { width: 122, height: 64 } as const;

/** A point in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A place and the ways between places. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** A point near the gateway from which most can be seen on a narrow page. */
  readonly begin: Point;
  /** Upper left corner of each place. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** Bends of each edge, and the middle of its label. */
  readonly edges: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Point }>;
}

/** The ends of an edge from the first to the last rank: a broker stands behind all services, those that it delivers to, too. */
function laidOut({ from, to, kind }: MapEdge): readonly [string, string] {
  return kind === 'events' && from === 'rabbitmq' ? [to, from] : [from, to];
}

/** From the gateway to the middle of what a phone shows first, pixels of the map. */
const narrowReach = 250;

/** Lays a map out from left to right, or on a narrow page from top to bottom. */
export function layoutOf(nodes: readonly MapNode[], edges: readonly MapEdge[], narrow: boolean): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: narrow ? 'TB' : 'LR',
    nodesep: narrow ? 16 : 26,
    edgesep: 16,
    ranksep: narrow ? 20 : 14,
    marginx: 8,
    marginy: 8,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { ...nodeSize });
  for (const edge of edges) {
    const [from, to] = laidOut(edge);
    graph.setEdge(from, to, { ...labelSize, labelpos: 'c', weight: edge.kind === 'http' ? 3 : 1 }, edge.id);
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const gateway = graph.node('gateway');
  return {
    width,
    height,
    begin: { x: gateway.x ?? 0, y: (gateway.y ?? 0) + narrowReach },
    nodes: new Map(
      nodes.map(({ id }) => {
        const { x = 0, y = 0 } = graph.node(id);
        return [id, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }];
      }),
    ),
    edges: new Map(
      edges.map((edge) => {
        const [from, to] = laidOut(edge);
        const { points = [], x = 0, y = 0 } = graph.edge(from, to, edge.id);
        return [edge.id, { points: from === edge.from ? points : points.toReversed(), label: { x, y } }];
      }),
    ),
  };
}

/** A smooth line through points: quadratic curves from middle to middle. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const curves = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const isLast = index === rest.length - 2;
    const end = isLast ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q ${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return [`M ${first.x} ${first.y}`, ...(curves.length > 0 ? curves : [`L ${last.x} ${last.y}`])].join(' ');
}

/** The edge whose label is the nearest in the direction of an arrow key; `undefined` when there is none. */
export function nextIn(
  key: string,
  from: string,
  labels: ReadonlyMap<string, { readonly label: Point }>,
): string | undefined {
  const here = labels.get(from)?.label;
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (here === undefined || direction === undefined) return undefined;
  const [dx = 0, dy = 0] = direction;
  const ahead = [...labels].flatMap(([id, { label }]) => {
    const [x, y] = [label.x - here.x, label.y - here.y];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    // a node that is more to the side than ahead is reached by another key
    return id === from || along <= 0 || aside > 2 * along ? [] : [{ id, far: along + 2 * aside }];
  });
  return ahead.sort((one, other) => one.far - other.far)[0]?.id;
}
