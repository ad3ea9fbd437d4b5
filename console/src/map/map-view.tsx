/** The first view: the mesh as a live map, and the panel of the edge that is chosen. */
import type { Overview } from '@microshop/control/console/schemas';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useOverview } from '../api/live.ts';
import { loaded } from '../app/loaded.ts';
import { useNarrow } from '../app/narrow.ts';
import { timeText } from '../look/format.ts';
import { TrafficSwitch } from '../orders/traffic-switch.tsx';
import { EdgePanel } from './edge-panel.tsx';
import { EdgesTable } from './edges-table.tsx';
import { beginnings, healthOf, healths, troublesOf } from './health.ts';
import './map.css';

/** Loads what draws the map; once. */
const loadGraph = () => loaded(() => import('./graph.tsx'));

/** Begins to load it; what keeps it from loading is shown where it is drawn. */
export const preloadGraph = () => void loadGraph().catch(() => undefined);

const Graph = lazy(loadGraph);

/** The view. */
export function MapView() {
  const { data: overview, error } = useOverview();
  const { edge: chosen } = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const narrow = useNarrow();
  const choose = (edge: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, edge: edge === chosen ? undefined : edge }) });
  if (overview === undefined) return <p>{error === null ? 'Reading the mesh…' : error.message}</p>;
  const edge = overview.edges.find(({ id }) => id === chosen);
  return (
    <>
      <h1 className="spoken">Map of the mesh</h1>
      <div className="map-view">
        {overview.lacks.map((lack) => (
          <p key={lack} className="notice bad" role="status">
            {lack}. The rest goes on, and this comes back by itself.
          </p>
        ))}
        <Beginnings edges={overview.edges} />
        <div className={edge === undefined ? 'map' : 'map with-panel'}>
          <div className="card map-card">
            <Suspense fallback={<p>Drawing the map…</p>}>
              <Graph overview={overview} chosen={chosen} choose={choose} narrow={narrow} />
            </Suspense>
            <div className="map-foot">
              <ul className="legend" aria-label="Legend">
                {Object.entries(healths).map(([name, { sign, means }]) => (
                  <li key={name} className={`state ${name}`}>
                    <b>{sign}</b> {name}
                    {means !== undefined && `: ${means}`}
                  </li>
                ))}
                <li>
                  figures of {overview.window_s} s until{' '}
                  <time dateTime={new Date(overview.at).toISOString()}>{timeText(overview.at)}</time>: rate,
                  success; p95 of an attempt, ×attempts per call
                </li>
              </ul>
              <TrafficSwitch traffic={overview.traffic} />
            </div>
          </div>
          {edge !== undefined && <EdgePanel key={edge.id} edge={edge} close={() => choose(undefined)} />}
        </div>
      </div>
      <section className="card below">
        <EdgesTable edges={overview.edges} />
      </section>
    </>
  );
}

/** Where trouble begins, in words: where to look first. */
function Beginnings({ edges }: Pick<Overview, 'edges'>) {
  return (
    <div role="status">
      {beginnings(edges).map((edge) => {
        const health = healthOf(edge);
        return (
          <p key={edge.id} className={`notice ${health}`}>
            {healths[health].sign}{' '}
            <Link to="/" search={(before) => ({ ...before, edge: edge.id })}>
              {edge.id}
            </Link>
            :{' '}
            {troublesOf(edge)
              .map(({ text }) => text)
              .join('; ')}
          </p>
        );
      })}
    </div>
  );
}
