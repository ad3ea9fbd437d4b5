/** The views by their addresses; what is chosen in a view stands behind `?`. */
import { orderStatuses } from '@microshop/control/console/schemas';
import { isTraceId } from '@microshop/topology';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  retainSearchParams,
} from '@tanstack/react-router';
import { MapView, preloadGraph } from '../map/map-view.tsx';
import { PartsView } from '../parts/parts-view.tsx';
import { loaded } from './loaded.ts';
import { BrokenView, NoView, Shell } from './shell.tsx';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const whole = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;

/** What is chosen in the list of orders. */
interface OrdersSearch {
  readonly q?: string | undefined;
  readonly status?: (typeof orderStatuses)[number] | undefined;
  /** Only orders with a lower id. */
  readonly before?: number | undefined;
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
    q: typeof q === 'number' ? String(q) : text(q),
    status: orderStatuses.find((one) => one === status),
    before: whole(before),
  }),
});

const story = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders/$id',
  beforeLoad: ({ params }) => isNamed(/^[1-9]\d*$/.test(params.id)),
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
    letter: typeof letter === 'number' ? String(letter) : text(letter),
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

/** What is shown of a dashboard. */
interface DashboardSearch {
  readonly minutes?: number | undefined;
  /** Where it ends, milliseconds since the epoch; without it now. */
  readonly until?: number | undefined;
  /** Values of its variables, `service:orders,caller:gateway`. */
  readonly choose?: string | undefined;
}

const dashboard = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboards/$uid',
  beforeLoad: ({ params }) => isNamed(/^[\w-]+$/.test(params.uid)),
  component: lazyRouteComponent(
    () => loaded(() => import('../dashboards/dashboard-view.tsx')),
    'DashboardView',
  ),
  validateSearch: ({ minutes, until, choose }: Record<string, unknown>): DashboardSearch => ({
    minutes: whole(minutes),
    until: whole(until),
    choose: text(choose),
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
    name: text(name),
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
