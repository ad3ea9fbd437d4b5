/**
 * What the description of the API says of every operation alike: the refusals that can come whatever the route does, the
 * headers of answers, and which fields of a request may be left out.
 */
import {
  type ProblemScope,
  problemMediaType,
  problemStatuses,
  problemTitles,
  problemType,
  traceIdHeader,
  traceIdPattern,
} from '@microshop/topology';

/** A parameter, as far as it is looked at here. */
interface Parameter {
  $ref?: string;
  name?: string;
  required?: boolean;
  example?: unknown;
  schema?: { $ref?: string; default?: unknown; examples?: unknown };
}

interface Operation {
  description?: string;
  security?: object[];
  parameters?: Parameter[];
  requestBody?: object;
  responses?: Record<string, object>;
}

interface Path {
  get?: Operation;
  post?: Operation;
  patch?: Operation;
}

/** A document, as far as it is looked at here. */
export interface ApiDocument {
  paths?: Record<string, Path | undefined>;
  components?: object;
}

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });

const described = Object.entries(problemStatuses);

/** Trace id in examples: that of the W3C's recommendation. */
const exampleTraceId = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Parts of every document: one answer for each status of a problem, and the headers of answers. */
const components = {
  headers: {
    [traceIdHeader]: {
      description: 'Trace of this request; `./mesh trace` and Jaeger find it',
      required: true,
      schema: { type: 'string', pattern: traceIdPattern, examples: [exampleTraceId] },
    },
    location: {
      description: 'Path of what was made',
      required: true,
      schema: { type: 'string', pattern: '^/api/', examples: ['/api/orders/1'] },
    },
    link: {
      description: 'The next page, when there is one',
      schema: { type: 'string', pattern: '^</api/.*>; rel="next"$' },
    },
    'retry-after': {
      description: 'Seconds to wait before the next attempt',
      required: true,
      schema: { type: 'integer', minimum: 1, examples: [1] },
    },
  },
  responses: Object.fromEntries([
    ...described.map(([status, { codes, when, ...more }]) => [
      status,
      {
        description: when,
        headers: {
          [traceIdHeader]: header(traceIdHeader),
          ...('retryAfter' in more ? { 'retry-after': header('retry-after') } : {}),
        },
        content: {
          [problemMediaType]: {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { properties: { status: { const: Number(status) }, code: { enum: codes } } },
              ],
            },
            example: {
              type: problemType(codes[0]),
              title: problemTitles[codes[0]],
              status: Number(status),
              detail: when,
              instance: '/api/…',
              code: codes[0],
              trace_id: exampleTraceId,
            },
          },
        },
      },
    ]),
    [
      'default',
      {
        description: `Requests that are not part of this API: ${described
          .filter(([, { scope }]) => scope === 'no call')
          .map(([status, { when }]) => `${status} (${when})`)
          .join('; ')}`,
        headers: { [traceIdHeader]: header(traceIdHeader) },
        content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ],
  ]),
};

/** What each status of success means. */
const successes: Readonly<Record<string, string>> = { 200: 'Done', 201: 'Made; `location` has its path' };

/** Statuses of a problem that come in that scope. */
function statusesOf(scope: ProblemScope): string[] {
  return described.flatMap(([status, one]) => (one.scope === scope ? [status] : []));
}

/**
 * Completes the description of each operation, in place. A route that names a status of a problem in its `response` says
 * that it can come; what can come everywhere needs no naming.
 */
export function describeOperations(document: ApiDocument): void {
  document.components = { ...document.components, ...components };
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path?.get, path?.post, path?.patch]) {
      if (operation === undefined) continue;
      for (const parameter of operation.parameters ?? []) describeParameter(parameter);
      describeAnswers(operation);
    }
  }
}

/**
 * A parameter with a default may be left out. The page fills in the `example` of a parameter, and what is filled in is
 * sent: that of an optional one goes to its schema, where it is only shown.
 */
function describeParameter(parameter: Parameter): void {
  const { schema, example } = parameter;
  if (schema?.default !== undefined) parameter.required = false;
  if (parameter.required === true || schema === undefined || example === undefined) return;
  schema.examples = [example];
  delete parameter.example;
}

function describeAnswers(operation: Operation): void {
  const named = Object.entries(operation.responses ?? {});
  const refusals = new Set([
    ...named.flatMap(([status]) => (status in problemStatuses ? [status] : [])),
    ...statusesOf('any request'),
    ...(operation.requestBody === undefined ? [] : statusesOf('any body')),
    'default',
  ]);
  operation.responses = {
    ...Object.fromEntries(
      named.flatMap(([status, answer]) =>
        refusals.has(status)
          ? []
          : [
              [
                status,
                {
                  ...answer,
                  description: successes[status] ?? status,
                  headers: headersOf(operation, status),
                },
              ],
            ],
      ),
    ),
    ...Object.fromEntries(
      [...refusals].map((status) => [status, { $ref: `#/components/responses/${status}` }]),
    ),
  };
}

/** Headers of a successful answer. */
function headersOf(operation: Operation, status: string): object {
  const isList = operation.parameters?.some(({ name }) => name === 'cursor') === true;
  return {
    [traceIdHeader]: header(traceIdHeader),
    ...(status === '201' ? { location: header('location') } : {}),
    ...(isList ? { link: header('link') } : {}),
  };
}
