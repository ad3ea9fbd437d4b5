/** The views by their addresses; what is chosen in a view stands behind `?`. */
import { dashboardQuerySchema } from '@microshop/control/console/dashboard-query';
import { runQuerySchema } from '@microshop/control/console/experiment-schemas';
import { orderQuerySchema } from '@microshop/control/console/schemas';
import { isTraceId, maxId } from '@microshop/topology';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  retainSearchParams,
} from '@tanstack/react-router';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { MapView, preloadGraph } from '../map/map-view.tsx';
import { PartsView } from '../parts/parts-view.tsx';
import { loaded } from './loaded.ts';
import { BrokenView, NoView, Shell } from './shell.tsx';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** What the address says, if the API takes it: what it would refuse is as good as not said. */
const taken = <S extends TSchema>(schema: S, value: unknown): Static<S> | undefined =>
  Value.Check(schema, value) ? value : undefined;

/** An id or a key of digits alone is a number in the address. */
const asText = (value: unknown) => (typeof value === 'number' ? String(value) : text(value));

type OrderQuery = Static<typeof orderQuerySchema>;

/** What is chosen in the list of orders. */
interface OrdersSearch {
  readonly q?: OrderQuery['search'] | undefined;
  readonly status?: OrderQuery['status'] | undefined;
  readonly before?: OrderQuery['before'] | undefined;
}

/** Refuses what cannot be the name of anything: it would become a part of a path that is asked for, and of a command to copy. */
const isNamed = (name: boolean) => {
  if (!name) throw notFound();
};

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NoView,
  validateSearch: ({ paused }: Record<string, unknown>): { paused?: true | undefined } =>
    paused === true ? { paused } : {},
  // a paused page stays paused when the view changes
  search: { middlewares: [retainSearchParams(['paused'])] },
});

const map = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: MapView,
  // loaded while the mesh is read, not afterwards
  loader: preloadGraph,
  validateSearch: ({ edge }: Record<string, unknown>): { edge?: string | undefined } => ({
    edge: text(edge),
  }),
});

const orders = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders',
  component: lazyRouteComponent(() => loaded(() => import('../orders/orders-view.tsx')), 'OrdersView'),
  validateSearch: ({ q, status, before }: Record<string, unknown>): OrdersSearch => ({
    q: taken(orderQuerySchema.properties.search, asText(q)),
    status: taken(orderQuerySchema.properties.status, status),
    before: taken(orderQuerySchema.properties.before, before),
  }),
});

const story = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders/$id',
  beforeLoad: ({ params }) => isNamed(/^[1-9]\d*$/.test(params.id) && Number(params.id) <= maxId),
  component: lazyRouteComponent(() => loaded(() => import('../orders/story-view.tsx')), 'StoryView'),
});

const trace = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/$trace',
  beforeLoad: ({ params }) => isNamed(isTraceId(params.trace)),
  component: lazyRouteComponent(() => loaded(() => import('../orders/story-view.tsx')), 'TraceView'),
});

const faults = createRoute({
  getParentRoute: () => rootRoute,
  path: '/faults',
  component: lazyRouteComponent(() => loaded(() => import('../faults/faults-view.tsx')), 'FaultsView'),
});

/** What is chosen among the dead letters. */
interface MessagesSearch {
  readonly queue?: string | undefined;
  /** Id of the one that is open. */
  readonly letter?: string | undefined;
}

const messages = createRoute({
  getParentRoute: () => rootRoute,
  path: '/messages',
  component: lazyRouteComponent(() => loaded(() => import('../messages/messages-view.tsx')), 'MessagesView'),
  validateSearch: ({ queue, letter }: Record<string, unknown>): MessagesSearch => ({
    queue: text(queue),
    letter: asText(letter),
  }),
});

const health = createRoute({
  getParentRoute: () => rootRoute,
  path: '/health',
  component: lazyRouteComponent(() => loaded(() => import('../health/health-view.tsx')), 'HealthView'),
  /** `light` is the invariant that is open. */
  validateSearch: ({ light }: Record<string, unknown>): { light?: string | undefined } => ({
    light: text(light),
  }),
});

const dashboards = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboards',
  component: lazyRouteComponent(
    () => loaded(() => import('../dashboards/dashboards-view.tsx')),
    'DashboardsView',
  ),
});

type DashboardQuery = Static<typeof dashboardQuerySchema>;

/** What is shown of a dashboard. */
type DashboardSearch = { readonly [Name in keyof DashboardQuery]?: DashboardQuery[Name] | undefined };

const dashboard = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboards/$uid',
  beforeLoad: ({ params }) => isNamed(/^[\w-]+$/.test(params.uid)),
  component: lazyRouteComponent(
    () => loaded(() => import('../dashboards/dashboard-view.tsx')),
    'DashboardView',
  ),
  validateSearch: ({ minutes, until, choose }: Record<string, unknown>): DashboardSearch => ({
    minutes: taken(dashboardQuerySchema.properties.minutes, minutes),
    until: taken(dashboardQuerySchema.properties.until, until),
    choose: taken(dashboardQuerySchema.properties.choose, choose),
  }),
});

const experiments = createRoute({
  getParentRoute: () => rootRoute,
  path: '/experiments',
  component: lazyRouteComponent(
    () => loaded(() => import('../experiments/experiments-view.tsx')),
    'ExperimentsView',
  ),
  validateSearch: ({ name }: Record<string, unknown>): { name?: string | undefined } => ({
    name: taken(runQuerySchema.properties.name, text(name)),
  }),
});

const parts = createRoute({ getParentRoute: () => rootRoute, path: '/parts', component: PartsView });

/** The router of the page. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    map,
    orders,
    story,
    trace,
    faults,
    messages,
    health,
    dashboards,
    dashboard,
    experiments,
    parts,
  ]),
  scrollRestoration: true,
  defaultErrorComponent: BrokenView,
  defaultNotFoundComponent: NoView,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
