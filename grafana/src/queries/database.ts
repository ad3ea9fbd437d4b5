/** PromQL about a service's database and cache, as the service sees them. Chosen by the variable `service`. */
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

const lookups = `sum by (shop_cache_item) (${rate('shop_cache_lookups_total', chosen)})`;

/** Share of the lookups that found what they wanted in the cache, 0 to 1: entries of the catalogue. */
export const cacheHits = share(
  `sum by (shop_cache_item) (${rate('shop_cache_lookups_total', `${chosen}, shop_outcome="hit"`)})`,
  lookups,
);
