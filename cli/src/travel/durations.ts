/** Durations as Istio and Kubernetes write them: Go's. */

/** Milliseconds of each unit. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = String.raw`(\d+\.?\d*|\.\d+)(${Object.keys(units).join('|')})`;
const whole = new RegExp(`^(?:${part})+$`);
const each = new RegExp(part, 'g');

/** Milliseconds of `1h`, `1m30s`, `0.5s`, `500ms`, `0`; `undefined` for any other text. */
export function goDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!whole.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(each))
    sum += Number(amount) * (units[unit] ?? Number.NaN);
  // whole nanoseconds, the least that Go knows: a sum of fractions is off by less
  return Math.round(sum * 1e6) / 1e6;
}
