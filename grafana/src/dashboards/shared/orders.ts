/** What several dashboards show of orders. */
import { answered503, tracesLink } from '../../panels/links.ts';

/** Traces of placing orders, or of those the gateway answered with 503. */
export const orderTraces = (failed: boolean) =>
  tracesLink({
    title: failed ? 'Orders answered with 503' : 'Traces of orders',
    service: 'gateway',
    operation: 'POST /api/orders',
    ...(failed ? { having: answered503.byEnvoy } : {}),
  });
