/** Settings of a run, from environment variables: `k6 run -e RATE=50 load-tests/steady.ts`. */

/** Settings every scenario has; the ramp's rate is its last step's, its duration that of all steps. */
export interface Settings {
  /** Where the shop's gateway is, without a slash at the end. `GATEWAY`. */
  readonly gateway: string;
  /** Orders started per second. `RATE`. */
  readonly rate: number;
  /** Length of what is measured, whole seconds. `DURATION`, as k6 writes it: `90s`, `1m30s`. */
  readonly seconds: number;
  /** Products the orders are spread over. `PRODUCTS`. */
  readonly products: number;
  /** Stock of each product at the start; absent means more than can be sold. `STOCK`. */
  readonly stock: number | undefined;
  /** Share of the orders followed to their end, 0 to 1. `FOLLOW`. */
  readonly follow: number;
  /** Limits on the time an order takes to be answered, milliseconds. `P95_MS`, `P99_MS`. */
  readonly p95Ms: number;
  readonly p99Ms: number;
  /**
   * Virtual users at most, each an order under way. `VUS`; absent means as many as the rate needs when every answer takes
   * as long as the gateway allows, up to {@link mostVirtualUsers}.
   */
  readonly virtualUsers: number | undefined;
  /** How often an order whose answer leaves open what became of it is sent again with its key. `REPEATS`. */
  readonly repeats: number;
  /** Pause before it is sent again, milliseconds. `REPEAT_AFTER_MS`. */
  readonly repeatAfterMs: number;
  /** Share of the orders that are sent twice at once with one key, as by a double click, 0 to 1. `TWICE`. */
  readonly twice: number;
  /** Length of each product's description, bytes: it is part of each answer about the product. `DESCRIPTION_BYTES`. */
  readonly descriptionBytes: number;
  /** Directory that gets `summary.json` and `summary.txt`; without it the text goes to the console. `SUMMARY_DIR`. */
  readonly summaryDirectory: string | undefined;
  /** Whether each order leaves a ledger line on the console. `LEDGER`, `on` or `off`. */
  readonly ledger: boolean;
}

/** What a scenario sets when the environment does not. */
export type Defaults = Pick<
  Settings,
  'rate' | 'seconds' | 'products' | 'stock' | 'follow' | 'p95Ms' | 'p99Ms'
>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Longest run, seconds. */
const longestSeconds = 24 * 3600;

/** Highest rate that can be asked for, orders per second: far over what a laptop's mesh takes. */
export const highestRate = 10_000;

/** Longest description that products take, characters (`services/products/src/domain/product.ts`). */
const longestDescription = 4000;

/** Virtual users a run makes by itself at most: k6 takes 0.4 MiB for each (measured), and its container has 512 MiB. */
export const mostVirtualUsers = 1000;

/** Reads the settings. Throws an error that names the variable and what it can be. */
export function readSettings(env: Environment, defaults: Defaults): Settings {
  const stock = numberOf(env, 'STOCK', { from: 1, to: 1_000_000 });
  return {
    gateway: gatewayOf(env),
    rate: numberOf(env, 'RATE', { from: 1, to: highestRate }) ?? defaults.rate,
    seconds: secondsOf(env) ?? defaults.seconds,
    products: numberOf(env, 'PRODUCTS', { from: 1, to: 1000 }) ?? defaults.products,
    stock: stock ?? defaults.stock,
    follow: numberOf(env, 'FOLLOW', { from: 0, to: 1, fraction: true }) ?? defaults.follow,
    p95Ms: numberOf(env, 'P95_MS', { from: 1, to: 60_000 }) ?? defaults.p95Ms,
    p99Ms: numberOf(env, 'P99_MS', { from: 1, to: 60_000 }) ?? defaults.p99Ms,
    virtualUsers: numberOf(env, 'VUS', { from: 1, to: 20_000 }),
    repeats: numberOf(env, 'REPEATS', { from: 0, to: 10 }) ?? 0,
    repeatAfterMs: numberOf(env, 'REPEAT_AFTER_MS', { from: 1, to: 60_000 }) ?? 200,
    twice: numberOf(env, 'TWICE', { from: 0, to: 1, fraction: true }) ?? 0,
    descriptionBytes: numberOf(env, 'DESCRIPTION_BYTES', { from: 0, to: longestDescription }) ?? 0,
    summaryDirectory: textOf(env, 'SUMMARY_DIR'),
    ledger: ledgerOf(env),
  };
}

/** Seconds of a duration as k6 writes it; `undefined` when it is none or not of whole seconds. */
export function parseDuration(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const total = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return total >= 1 && total <= longestSeconds ? total : undefined;
}

function textOf(env: Environment, name: string): string | undefined {
  const text = env[name];
  return text === undefined || text === '' ? undefined : text;
}

function numberOf(
  env: Environment,
  name: string,
  range: { from: number; to: number; fraction?: boolean },
): number | undefined {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  const fits =
    value >= range.from && value <= range.to && (range.fraction === true || Number.isInteger(value));
  if (fits) return value;
  const kind = range.fraction === true ? 'a number' : 'a whole number';
  throw new Error(`${name} must be ${kind} from ${range.from} to ${range.to}, not "${text}"`);
}

function secondsOf(env: Environment): number | undefined {
  const text = textOf(env, 'DURATION');
  if (text === undefined) return undefined;
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new Error(`DURATION must be like 30s, 2m or 1m30s, at most 24h, not "${text}"`);
}

function gatewayOf(env: Environment): string {
  const text = textOf(env, 'GATEWAY') ?? 'http://127.0.0.1:8080';
  if (!/^https?:\/\/[^/\s]+\/?$/.test(text)) {
    throw new Error(`GATEWAY must be like http://127.0.0.1:8080, without a path, not "${text}"`);
  }
  return text.replace(/\/$/, '');
}

function ledgerOf(env: Environment): boolean {
  const text = textOf(env, 'LEDGER') ?? 'on';
  if (text !== 'on' && text !== 'off') throw new Error(`LEDGER must be on or off, not "${text}"`);
  return text === 'on';
}
