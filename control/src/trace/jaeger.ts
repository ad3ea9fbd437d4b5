/**
 * Reads traces from Jaeger's query API (`/api/traces`, the form its own page reads; times in microseconds), with the work that
 * was done for them elsewhere: a message that took effect in a batch has its SQL in the batch's own trace, and only a link to
 * it. That work is hung where the link is, so that the order's trace is shown whole.
 */
import { compiledBody } from '@microshop/program-kit/compiled-body';
import { requestJson } from '@microshop/program-kit/http-json';
import { eventRoute, attributes as shopAttributes } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { type Span, spanTree } from './span.ts';
import { subjectOf } from './verdict.ts';

const tagSchema = Type.Object({ key: Type.String(), value: Type.Unknown() });

const traceSchema = Type.Object({
  traceID: Type.String(),
  spans: Type.Array(
    Type.Object({
      traceID: Type.String(),
      spanID: Type.String(),
      operationName: Type.String(),
      references: Type.Optional(
        Type.Array(Type.Object({ refType: Type.String(), traceID: Type.String(), spanID: Type.String() })),
      ),
      startTime: Type.Integer(),
      duration: Type.Integer(),
      tags: Type.Array(tagSchema),
      processID: Type.String(),
    }),
  ),
  processes: Type.Record(
    Type.String(),
    Type.Object({ serviceName: Type.String(), tags: Type.Optional(Type.Array(tagSchema)) }),
  ),
});

/** Some MB, every few seconds. */
const expectTraces = compiledBody(Type.Object({ data: Type.Union([Type.Array(traceSchema), Type.Null()]) }));

/** Traces about one order that are looked at: its placing, and repeats of it. Jaeger gives the youngest. */
const searchLimit = 100;

/** How far back a search looks: further than Jaeger keeps anything. */
const lookback = '2d';

/** Time Jaeger may take, milliseconds: less than clients of the control service wait, so that Jaeger is named. */
const jaegerLimitMs = 5000;

/** Reads traces. Each call throws `UnreachableError` when Jaeger does not answer. */
export interface TraceReader {
  /** All spans of a trace, with the work done for it in batches; empty when Jaeger holds none. */
  trace(traceId: string): Promise<Span[]>;
  /** The same for many at once, in any order; those that Jaeger does not hold are left out. */
  traces(traceIds: readonly string[]): Promise<Span[][]>;
  /** All spans of the trace that the placing of an order began; empty when Jaeger holds none. */
  traceOfOrder(orderId: number): Promise<Span[]>;
}

async function readTraces(jaeger: string, path: string): Promise<LinkedTrace[]> {
  const { status, body } = await requestJson('jaeger', 'GET', jaeger + path, { limitMs: jaegerLimitMs });
  if (status === 404) return [];
  // unknown paths answer 200 with a page: only the expected body counts
  const { data } = expectTraces(body, 'jaeger');
  return (data ?? []).map(linkedTrace);
}

/** Traces that a search finds, without what was done for them in batches. Throws `UnreachableError`. */
export async function searchTraces(jaeger: string, query: URLSearchParams): Promise<(readonly Span[])[]> {
  return (await readTraces(jaeger, `/api/traces?${query}`)).map(({ spans }) => spans);
}

/** A reader of the Jaeger at that address, `http://host:port`. */
export function jaegerClient(jaeger: string): TraceReader {
  const traces = (path: string) => readTraces(jaeger, path);

  /** Traces in which orders knew that order, the oldest first. */
  async function search(orderId: number, operation?: string): Promise<LinkedTrace[]> {
    const query = new URLSearchParams({
      service: 'orders',
      ...(operation === undefined ? {} : { operation }),
      tags: JSON.stringify({ [shopAttributes.orderId]: String(orderId) }),
      limit: String(searchLimit),
      lookback,
    });
    const found = await traces(`/api/traces?${query}`);
    return found.sort((one, other) => begin(one) - begin(other));
  }

  const readTrace = async (traceId: string) => (await traces(`/api/traces/${traceId}`))[0];
  const whole = (trace: LinkedTrace | undefined) =>
    trace === undefined ? Promise.resolve([]) : followLinks(trace, readTrace);

  async function readMany(traceIds: readonly string[]): Promise<LinkedTrace[]> {
    if (traceIds.length === 0) return [];
    return await traces(`/api/traces?${new URLSearchParams(traceIds.map((id) => ['traceID', id]))}`);
  }

  return {
    trace: async (traceId) => whole(await readTrace(traceId)),
    async traces(traceIds) {
      const found = await readMany(traceIds);
      // many orders link to the same batch: all batches are read at once
      const batches = new Map(
        (await readMany([...new Set(found.flatMap(linkedTraces))])).map((batch) => [idOf(batch), batch]),
      );
      return await Promise.all(found.map((trace) => followLinks(trace, async (id) => batches.get(id))));
    },
    async traceOfOrder(orderId) {
      const about = await search(orderId);
      // behind a hundred newer repeats it is still the one that published the event
      const known =
        firstPlacing(about) ?? firstPlacing(await search(orderId, `publish ${firstEvent.routingKey}`));
      return whole(known ?? about[0]);
    },
  };
}

const firstEvent = eventRoute('ORDER_CREATED');

/** Of traces about an order the one in which it was placed; the oldest, where there are several. */
function firstPlacing(found: readonly LinkedTrace[]): LinkedTrace | undefined {
  return found.find(({ spans }) => spans.some(isRequest) && subjectOf(spans).of === 'order');
}

function isRequest({ service, kind }: Span): boolean {
  return service === 'orders' && kind === 'server';
}

function idOf({ spans }: LinkedTrace): string | undefined {
  return spans[0]?.trace_id;
}

function begin({ spans }: LinkedTrace): number {
  return Math.min(...spans.map((span) => span.start_us));
}

function linkedTrace(trace: Static<typeof traceSchema>): LinkedTrace {
  return { spans: spansOf(trace), links: trace.spans.flatMap(linksOf) };
}

/** Jaeger gives a link as a reference of type FOLLOWS_FROM. */
function linksOf({ traceID, spanID, references = [] }: Static<typeof traceSchema>['spans'][number]) {
  return references
    .filter((one) => one.refType === 'FOLLOWS_FROM' && one.traceID !== traceID)
    .map((one) => ({ from: spanID, toTrace: one.traceID, toSpan: one.spanID }));
}

function spansOf(trace: Static<typeof traceSchema>): Span[] {
  return trace.spans.map((span): Span => {
    const instance = (trace.processes[span.processID]?.tags ?? []).filter(
      ({ key }) => key === 'service.instance.id',
    );
    const tags = new Map([...instance, ...span.tags].map(({ key, value }) => [key, value]));
    const parent = span.references?.find((one) => one.refType === 'CHILD_OF' && one.traceID === span.traceID);
    const error = tags.get('error');
    return {
      trace_id: span.traceID,
      span_id: span.spanID,
      parent_id: parent?.spanID ?? null,
      service: trace.processes[span.processID]?.serviceName ?? 'unknown',
      name: span.operationName,
      kind: kindOf(tags.get('span.kind')),
      start_us: span.startTime,
      duration_us: span.duration,
      // Envoy writes the text, the SDK the boolean
      error: error === true || error === 'true',
      attributes: Object.fromEntries(
        [...tags].flatMap(([key, value]) => (isPlain(value) ? [[key, value]] : [])),
      ),
    };
  });
}

function kindOf(value: unknown): Span['kind'] {
  const known: readonly Span['kind'][] = ['server', 'client', 'producer', 'consumer'];
  return known.find((kind) => kind === value) ?? 'internal';
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** A link from a span to one of another trace. */
export interface SpanLink {
  readonly from: string;
  readonly toTrace: string;
  readonly toSpan: string;
}

/** A trace with the links of its spans. */
export interface LinkedTrace {
  readonly spans: readonly Span[];
  readonly links: readonly SpanLink[];
}

/** Links to work that was done elsewhere. */
function followedLinks({ spans, links }: LinkedTrace): SpanLink[] {
  const roots = new Set(spans.filter((span) => span.parent_id === null).map((span) => span.span_id));
  return links.filter((link) => !roots.has(link.from));
}

/** Ids of the traces that hold it. */
function linkedTraces(trace: LinkedTrace): string[] {
  return [...new Set(followedLinks(trace).map(({ toTrace }) => toTrace))];
}

/**
 * The spans of the trace, and below each span that links to another trace the linked span with all that is below it,
 * `trace_id` unchanged. The links of a root tell where it comes from (a batch, of its messages) and are not followed.
 */
export async function followLinks(
  trace: LinkedTrace,
  readTrace: (traceId: string) => Promise<LinkedTrace | undefined>,
): Promise<Span[]> {
  const { spans } = trace;
  const followed = followedLinks(trace);
  const traces = new Map(
    await Promise.all(
      linkedTraces(trace).map(async (traceId) => [traceId, (await readTrace(traceId))?.spans ?? []] as const),
    ),
  );
  const hung = new Set<string>();
  return [
    ...spans,
    ...followed.flatMap(({ from, toTrace, toSpan }) => {
      // a batch can hold two copies of a message; its work is shown once
      const target = traces.get(toTrace)?.find((span) => span.span_id === toSpan);
      if (target === undefined || hung.has(toSpan)) return [];
      hung.add(toSpan);
      const below = spanTree(traces.get(toTrace) ?? []).descendantsOf(target);
      return [{ ...target, parent_id: from }, ...below];
    }),
  ];
}
