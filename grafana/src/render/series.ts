/** Values over time, by the names that the legend gives them. */

/** A stretch of time, milliseconds since the epoch, and the distance of its points. */
export interface Range {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Points of a line at most: more would not be seen, and make the file large. */
const mostPoints = 180;

/** The minutes until that time, with points on whole steps: of a scrape, or wider where these would be too many. */
export function rangeOf(untilMs: number, minutes: number, scrapeSeconds: number): Range {
  const lengthMs = minutes * 60_000;
  const scrapeMs = scrapeSeconds * 1000;
  const stepMs = scrapeMs * Math.ceil(lengthMs / scrapeMs / mostPoints);
  const endMs = Math.floor(untilMs / stepMs) * stepMs;
  return { startMs: endMs - Math.floor(lengthMs / stepMs) * stepMs, endMs, stepMs };
}

/** Time, milliseconds since the epoch, and value; `null` where there is none. */
export type Point = readonly [atMs: number, value: number | null];

/** What Prometheus returns for one series of a query. */
export interface Sampled {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the number as text. */
  readonly values: readonly (readonly [number, string])[];
}

/** One line of a panel. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** The series with a point at every step, so that a gap is seen as one; `NaN` (0 of 0) is a gap, too. */
export function seriesOf(sampled: Sampled, legend: string, { startMs, endMs, stepMs }: Range): Series {
  const known = new Map(sampled.values.map(([at, value]) => [Math.round(at * 1000), Number(value)]));
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  const points = Array.from({ length: steps }, (_, index): Point => {
    const atMs = startMs + index * stepMs;
    const value = known.get(atMs);
    return [atMs, value !== undefined && Number.isFinite(value) ? value : null];
  });
  return { name: legendOf(sampled.labels, legend), points };
}

/** A legend with the labels in it, as Grafana writes it: a label that the series lacks leaves its own name. */
export function legendOf(labels: Readonly<Record<string, string>>, legend: string): string {
  if (legend !== '' && legend !== '__auto') {
    return legend.replaceAll(/\{\{\s*(.+?)\s*\}\}/g, (_, label: string) => labels[label] || label);
  }
  const { __name__: metric = '', ...others } = labels;
  const pairs = Object.entries(others).map(([label, value]) => `${label}="${value}"`);
  return `${metric}{${pairs.join(', ')}}`;
}

/** Ways to make one number of a series, by Grafana's names. */
const calculations = {
  last: (values: readonly number[]) => values.at(-1),
  lastNotNull: (values: readonly number[]) => values.at(-1),
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  mean: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
};

/** Name of a way to make one number of a series. */
export type Calculation = keyof typeof calculations;

/** The ways that are known. */
export const calculationNames = Object.keys(calculations).filter(
  (name): name is Calculation => name in calculations,
);

/** That number of the values that are there; `null` when there is none. */
export function calculated({ points }: Series, calculation: Calculation): number | null {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  return values.length === 0 ? null : (calculations[calculation](values) ?? null);
}

/** A stretch of time with one value, from its first point to a step after its last. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
}

/** Stretches of equal values; where there is none, there is no stretch. */
export function stretchesOf({ points }: Series, stepMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [at, value] of points) {
    if (value === null) continue;
    const last = stretches.at(-1);
    const follows = last !== undefined && last.toMs === at && last.value === value;
    if (follows) stretches[stretches.length - 1] = { ...last, toMs: at + stepMs };
    else stretches.push({ fromMs: at, toMs: at + stepMs, value });
  }
  return stretches;
}

/** What went on meanwhile (a dashboard's annotation), drawn behind the lines of every panel. */
export interface Event {
  readonly name: string;
  /** A colour for SVG. */
  readonly colour: string;
  readonly stretches: readonly Stretch[];
}

/** The time a picture shows, and what went on then. */
export interface Scene {
  readonly range: Range;
  readonly events: readonly Event[];
}
