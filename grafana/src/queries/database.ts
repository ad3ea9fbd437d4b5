/** PromQL about a service's database, chosen by the variable `service`, and about the caches, as the services see them. */
import { quantile, rate, share } from './promql.ts';
import { shopServices } from './service.ts';

const chosen = `${shopServices}, service_name=~"$service"`;

/** Time a statement waits for a connection of the pool, seconds. */
export const poolWait = (part: number) =>
  quantile(part, `sum by (le) (${rate('db_client_connection_wait_time_seconds_bucket', chosen)})`);

/** Statements per second, by operation. */
export const statements = `sum by (db_operation_name) (${rate('db_client_operation_duration_seconds_count', chosen)})`;

/** Time of a statement, seconds, by operation. */
export const statementTime = (part: number) =>
  quantile(
    part,
    `sum by (db_operation_name, le) (${rate('db_client_operation_duration_seconds_bucket', chosen)})`,
  );

const byCache = 'sum by (service_name, shop_cache_item)';
const lookups = `${byCache} (${rate('shop_cache_lookups_total', shopServices)})`;

/** A cache in a legend. */
export const cacheLegend = '{{service_name}} {{shop_cache_item}}';

/**
 * Share of the lookups that found what they wanted, 0 to 1: entries of the catalogue. Of every service that
 * has a cache, whichever is chosen: most have none.
 */
export const cacheHits = share(
  `${byCache} (${rate('shop_cache_lookups_total', `${shopServices}, shop_outcome="hit"`)})`,
  lookups,
);
