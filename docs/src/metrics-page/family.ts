/** Metrics as families: a histogram is one metric, not three. */

/** Labels of a series, its name as `__name__`. */
export type Series = Readonly<Record<string, string>>;

/** What a process says of a metric, as `/api/v1/metadata` gives it. */
export interface Metadata {
  /** `counter`, `gauge`, `histogram`, `summary`, … */
  readonly type: string;
  readonly help: string;
}

/** One metric. */
export interface Family {
  /** As queries begin: that of a counter ends in `_total`, that of a histogram has no `_bucket`. */
  readonly name: string;
  /** `undefined` when unknown: of rules, of what k6 writes, and of what Prometheus adds itself. */
  readonly type: string | undefined;
  /** Empty when unknown. */
  readonly help: string;
  readonly series: readonly Series[];
}

/** Metadata by the name it is reported under. */
export type MetadataByName = Readonly<Record<string, readonly Metadata[]>>;

/** What Prometheus appends to the name of a histogram or summary, by series. */
const parts = /_(bucket|count|sum)$/;

/** What k6 appends to the name of a trend (`K6_PROMETHEUS_RW_TREND_STATS`). */
const trendParts = /^(k6_.+)_(count|p\d+)$/;

/** Groups series by metric, in order of name. */
export function familiesOf(series: readonly Series[], metadata: MetadataByName): Family[] {
  const groups = Map.groupBy(series, (one) => familyName(one['__name__'] ?? '', metadata));
  return [...groups]
    .map(([name, of]) => ({ name, ...describe(name, metadata), series: of }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function familyName(name: string, metadata: MetadataByName): string {
  const [, trend] = trendParts.exec(name) ?? [];
  if (trend !== undefined) return trend;
  const base = name.replace(parts, '');
  const [known] = metadata[base] ?? [];
  return base !== name && (known?.type === 'histogram' || known?.type === 'summary') ? base : name;
}

function describe(name: string, metadata: MetadataByName): Pick<Family, 'type' | 'help'> {
  // OpenMetrics names are reported without the suffix
  const known = metadata[name] ?? metadata[name.replace(/_total$/, '')] ?? [];
  return { type: known[0]?.type, help: known.find(({ help }) => help !== '')?.help ?? '' };
}

/** Names of the labels that tell its series apart, in order; its source and the bounds of its buckets are none. */
export function labelsOf({ series }: Family): string[] {
  return [...new Set(series.flatMap(ownLabels))].sort();
}

function ownLabels(series: Series): string[] {
  // series written by rules and k6 are not scraped: they have only their own labels
  const scraped = series['job'] !== undefined;
  return Object.keys(series).filter((name) => !ofItsForm.has(name) && !(scraped && ofItsSource.has(name)));
}

/** The name, and the labels of every histogram or summary. */
const ofItsForm: ReadonlySet<string> = new Set(['__name__', 'le', 'quantile']);

/** Labels that say where a series comes from. */
const ofItsSource: ReadonlySet<string> = new Set([
  ...['job', 'instance', 'service_name', 'otel_scope_name'],
  ...['part', 'pod', 'replica', 'service'],
]);

/** Instrumentation scopes of our processes: our own code, and the instrumentations they load. */
const ourScope = /^@(microshop|opentelemetry)\//;

/** True when a process of ours reports it; an alert has the labels of what it is about, and is Prometheus'. */
export function isOurs(series: Series): boolean {
  return series['alertname'] === undefined && ourScope.test(series['otel_scope_name'] ?? '');
}

/** True when our own code reports it, not an instrumentation. */
export function isOfOurCode(series: Series): boolean {
  return (series['otel_scope_name'] ?? '').startsWith('@microshop/');
}

/** Services that report it, and `control`; empty for what servers report. */
export function tellersOf({ series }: Family): string[] {
  return [...new Set(series.filter(isOurs).map((one) => one['service_name'] ?? ''))].sort();
}
