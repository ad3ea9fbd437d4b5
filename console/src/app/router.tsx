/** The views by their addresses. */
import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { PartsView } from '../parts/parts-view.tsx';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({ component: Shell });

const parts = createRoute({ getParentRoute: () => rootRoute, path: '/', component: PartsView });

/** The router of the page. */
export const router = createRouter({ routeTree: rootRoute.addChildren([parts]), scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
