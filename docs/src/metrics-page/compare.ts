/** Where a page and a running mesh differ, and where labels have no bound. */
import { type Family, isOfOurCode, isOurs, labelsOf, type Series, tellersOf } from './family.ts';
import { type Row, rowOf } from './page.ts';

/**
 * What is wrong, a sentence each; none when the page is true. A mesh with little behind it may lack a label or a value;
 * it must not lack a metric, and what our own processes report must all be on the page.
 */
export function differences(page: ReadonlyMap<string, Row>, families: readonly Family[]): string[] {
  const live = new Map(families.map((family) => [family.name, family]));
  const gone = [...page.keys()].filter((name) => !live.has(name));
  return [
    ...gone.map((name) => `${name} is on the page, and no process reports it`),
    ...families.flatMap((family) => {
      const row = page.get(family.name);
      if (row !== undefined) return differencesOf(row, family);
      const tellers = tellersOf(family);
      return tellers.length === 0
        ? []
        : [`${family.name}, reported by ${tellers.join(' and ')}, is not on the page`];
    }),
  ];
}

function differencesOf(row: Row, family: Family): string[] {
  const now = rowOf(family);
  const silent = row.tellers.filter((teller) => !now.tellers.includes(teller));
  // the instrumentations' are bounded by the views, and some come with failures only; servers differ by version
  const labels = family.series.some(isOfOurCode)
    ? now.labels.filter((label) => !row.labels.includes(label))
    : [];
  return [
    ...(now.type === row.type ? [] : [`${row.name} is a ${now.type}, on the page a ${row.type}`]),
    ...silent.map((teller) => `${row.name} is not reported by ${teller}, as the page says`),
    ...labels.map((label) => `${row.name} has the label ${label}, which is not on the page`),
  ];
}

/** Series of one metric from one process at most; the most today are those of the heap's 13 spaces and of statements. */
const mostSeries = 200;

/** An HTTP status. */
const status = /^\d{1,3}$/;

/** Labels whose values have numbers in them that are no ids, and the form of those. */
const knownNumbers: ReadonlyMap<string, RegExp> = new Map([
  ['http_response_status_code', status],
  // for an answer that is an error
  ['error_type', status],
  ['status', status],
  // k6's own error codes, 1000 to 1999
  ['error_code', /^1\d{3}$/],
  // of the collector
  ['server_port', /^\d{1,5}$/],
  // a part of the SDK, counted in its process
  ['otel_component_name', /^[a-z_]+\/\d$/],
]);

/** What an id looks like: a UUID, a trace or span id, an address for mail, a number of its own or in a path. */
const idForms: readonly RegExp[] = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i,
  /\b[0-9a-f]{16}\b|\b[0-9a-f]{32}\b/i,
  /\S@\S+\.\S/,
  /^\d+$/,
  /\/\d+(\/|\?|$)/,
];

/**
 * Labels that hold an id, and metrics with too many series, a sentence each; none when all are bounded. What our
 * processes report is compared, what their spans are counted by, and k6: servers know nothing of orders.
 */
export function unbounded(families: readonly Family[]): string[] {
  return families
    .filter(({ name, series }) => /^(traces_span_metrics|k6)_/.test(name) || series.some(isOurs))
    .flatMap((family) => [...labelsWithIds(family), ...tooManySeries(family)]);
}

function labelsWithIds(family: Family): string[] {
  return labelsOf(family).flatMap((label) => {
    const isId = (value: string) =>
      knownNumbers.get(label)?.test(value) !== true && idForms.some((form) => form.test(value));
    const value = family.series.map((one) => one[label] ?? '').find(isId);
    return value === undefined ? [] : [`the label ${label} of ${family.name} holds an id: ${value}`];
  });
}

function tooManySeries({ name, series }: Family): string[] {
  // buckets do not count as series of their own
  const combinations = Map.groupBy(
    series.filter((one) => one['le'] === undefined),
    processOf,
  );
  return [...combinations].flatMap(([process, of]) =>
    of.length > mostSeries ? [`${name} has ${of.length} series of ${process}, over ${mostSeries}`] : [],
  );
}

function processOf({ job, instance, __name__: name }: Series): string {
  return `${job}/${instance} ${name}`;
}
