/** The description of a service's API as its clients get it, the requests it has examples of, and answers held against it. */
import { labOrigin, originHeader, problemMediaType, servedMethods, services } from '@microshop/topology';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { mesh } from './mesh.ts';

interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly example?: string | number;
  readonly schema: { readonly default?: string | number };
}

interface Header {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema: { readonly type: string };
}

interface Response {
  readonly $ref?: string;
  readonly description?: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, object>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: object }>> };
  readonly responses: Record<string, Response>;
}

/** A description as far as it is read here; what it declares can be changed. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** A request, as the page sends it. */
export interface ExampleRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** An answer as it came. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One operation of a service. */
export interface DescribedOperation {
  readonly service: string;
  readonly name: string;
  /** With `{id}` in it. */
  readonly path: string;
  readonly pathParameters: readonly string[];
  readonly isList: boolean;
  readonly success: number;
  /** Statuses of problems that it declares by themselves. */
  readonly problems: readonly number[];
  readonly example: ExampleRequest;
  /** What of an answer is not as described, `[]` when all is. A status that is not declared is held against `default`. */
  violations(answer: Received): string[];
}

/** The description of that service. */
export async function descriptionOf(service: string): Promise<Description> {
  // a fault that is set for what is sent later leaves the lab alone
  const asLab = { headers: { [originHeader]: labOrigin } };
  const answer = await fetch(new URL(`/docs/${service}/json`, mesh.gateway), asLab);
  if (answer.status !== 200) throw new Error(`The description of ${service} was answered ${answer.status}`);
  return JSON.parse(await answer.text());
}

/** Every operation of that service, in the order of its page. */
export async function describedOperations(service: string): Promise<DescribedOperation[]> {
  return operationsIn(service, await descriptionOf(service));
}

/** The operations of a description. */
export function operationsIn(service: string, document: Description): DescribedOperation[] {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  ajv.addSchema(document, 'api', false, false);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const responses = Object.keys(operation.responses).filter((status) => status !== 'default');
      const successes = responses.filter((status) => status < '400').map(Number);
      const [success] = successes;
      if (success === undefined || successes.length > 1)
        throw new Error(`${operation.operationId} has not one status of success: ${responses}`);
      const parameters = operation.parameters ?? [];
      return {
        service,
        name: operation.operationId,
        path,
        pathParameters: parameters.filter((one) => one.in === 'path').map(({ name }) => name),
        isList: parameters.some(({ name }) => name === 'cursor'),
        success,
        problems: responses.map(Number).filter((status) => status >= 400),
        example: exampleOf(method, path, operation),
        violations: (received) =>
          violations(document, ajv, `/paths/${escaped(path)}/${method}`, operation, received),
      };
    }),
  );
}

/** Every operation of the shop. */
export async function allOperations(): Promise<DescribedOperation[]> {
  return (await Promise.all(services.map(({ name }) => describedOperations(name)))).flat();
}

/** Methods that a path of those operations takes, as `allow` names them; `HEAD` goes wherever `GET` does. */
export function methodsAt(operations: readonly DescribedOperation[], path: string): readonly string[] {
  const described = operations.filter((one) => one.path === path).map(({ example }) => example.method);
  return servedMethods.filter((method) => described.includes(method === 'HEAD' ? 'GET' : method));
}

/** Those that it does not take, of all that a client may send. */
export function otherMethods(taken: readonly string[]): readonly string[] {
  return [...servedMethods, 'PUT', 'DELETE', 'OPTIONS'].filter((method) => !taken.includes(method));
}

/** What the page fills in: examples and defaults of parameters, and the example of the body. */
function exampleOf(method: string, path: string, { operationId, parameters = [], requestBody }: Operation) {
  const filled = parameters.flatMap((parameter) => {
    const value = parameter.example ?? parameter.schema.default;
    if (value === undefined && parameter.required === true)
      throw new Error(`${operationId} has no example for ${parameter.in} ${parameter.name}`);
    return value === undefined ? [] : [{ ...parameter, value: String(value) }];
  });
  const of = (place: Parameter['in']) =>
    filled.filter((one) => one.in === place).map(({ name, value }) => [name, value] as const);
  const query = new URLSearchParams(of('query').map(([name, value]) => [name, value])).toString();
  const body = requestBody?.content['application/json']?.example;
  if (requestBody !== undefined && body === undefined)
    throw new Error(`${operationId} has no example of a body`);
  return {
    method: method.toUpperCase(),
    path: `${of('path').reduce((text, [name, value]) => text.replace(`{${name}}`, value), path)}${query === '' ? '' : `?${query}`}`,
    headers: Object.fromEntries(of('header')),
    ...(body === undefined ? {} : { body }),
  };
}

/** A name as a part of a JSON pointer in a URI. */
function escaped(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function violations(
  document: Description,
  ajv: Ajv2020,
  pointer: string,
  operation: Operation,
  { status, headers, body }: Received,
): string[] {
  const key = String(status) in operation.responses ? String(status) : 'default';
  const named = operation.responses[key];
  const place = named?.$ref?.slice(1) ?? `${pointer}/responses/${key}`;
  const response = named?.$ref === undefined ? named : document.components.responses[last(named.$ref)];
  if (response === undefined) return [`${status} is not declared`];
  const mediaType = headers.get('content-type')?.split(';')[0] ?? '';
  if (response.content?.[mediaType] === undefined) return [`${status} comes as ${mediaType}`];

  const schema = { $ref: `api#${place}/content/${escaped(mediaType)}/schema` };
  // a problem has members of its own; all else is what is described, and nothing more
  const closed =
    mediaType === problemMediaType || Array.isArray(body) ? {} : { unevaluatedProperties: false };
  return [
    ...failures(ajv, ajv.compile({ ...schema, ...closed }), body, `body of ${status}`),
    ...Object.entries(response.headers ?? {}).flatMap(([name, one]) => {
      const header = one.$ref === undefined ? one : document.components.headers[last(one.$ref)];
      const text = headers.get(name);
      if (header === undefined) return [`${one.$ref} is not in the document`];
      if (text === null) return header.required === true ? [`${status} lacks the header ${name}`] : [];
      const value = header.schema.type === 'integer' ? Number(text) : text;
      return failures(ajv, ajv.compile(header.schema), value, `${name} of ${status}`);
    }),
  ];
}

function failures(ajv: Ajv2020, validate: ValidateFunction, value: unknown, what: string): string[] {
  if (validate(value)) return [];
  return [`${ajv.errorsText(validate.errors, { dataVar: what })}: ${JSON.stringify(value).slice(0, 300)}`];
}

function last(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
