/** Settings of k6 for the load of an experiment. */
import type { Load } from './definition.ts';

/** The load's scenario: it has no warm-up of its own (load-tests/smoke.ts). */
export const loadScenario = 'smoke';

/** Products that the orders are spread over: with one its row's lock would be the limit. */
const products = 10;

/** Virtual users for each buyer per second and each request that a buyer sends: the gateway answers within 4 s. */
const usersEach = 5;

/** The settings, as docs/reference/load.md names them. */
export function loadSettings({
  rate,
  repeats = 0,
  repeat_after_ms: repeatAfterMs,
  twice,
  description_bytes: bytes,
}: Load): Record<string, string> {
  return {
    FOLLOW: '0',
    PRODUCTS: String(products),
    REPEATS: String(repeats),
    ...(repeatAfterMs === undefined ? {} : { REPEAT_AFTER_MS: String(repeatAfterMs) }),
    ...(twice === undefined ? {} : { TWICE: String(twice) }),
    ...(bytes === undefined ? {} : { DESCRIPTION_BYTES: String(bytes) }),
    VUS: String(rate * usersEach * (1 + repeats)),
  };
}
