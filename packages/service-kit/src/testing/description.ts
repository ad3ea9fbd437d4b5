/** Looks for what the description of an API lacks. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { pino } from 'pino';
import { createService, type Service } from '../service.ts';

interface Schema {
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly example?: unknown;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const ajv = addFormats.default(new Ajv2020({ strict: false }));

/**
 * What the description of those routes lacks, in sentences; `[]` for a valid OpenAPI document with a name, a summary and
 * examples that fit for all that is sent and answered.
 */
export async function faultsOfDescription(
  name: string,
  routes: (service: Service) => Promise<void>,
): Promise<string[]> {
  const logger = pino({ level: 'silent' });
  const service = await createService({ name, description: name, version: '0', logger });
  try {
    await service.register(routes);
    const text = (await service.inject(`/docs/${name}/json`)).body;
    const { valid, errors } = await new Validator().validate(JSON.parse(text));
    const document: Document = JSON.parse(text);
    return [
      ...(valid ? [] : [`no valid OpenAPI document: ${JSON.stringify(errors)}`]),
      ...Object.entries(document.paths).flatMap(([path, operations]) =>
        Object.entries(operations).flatMap(([method, operation]) =>
          faultsOf(operation).map((fault) => `${method} ${path}: ${fault}`),
        ),
      ),
    ];
  } finally {
    await service.close();
  }
}

function faultsOf(operation: Operation): string[] {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  return [
    ...(operationId === undefined ? ['no operationId'] : []),
    ...(summary === undefined ? ['no summary'] : []),
    ...parameters.flatMap(({ name, required, example, schema }) =>
      // what is in `example` is filled in by the page, and sent
      !required && example !== undefined
        ? [`${name} is optional, and filled in`]
        : misfits(name, schema, example ?? schema.default ?? schema.examples?.[0]),
    ),
    ...Object.values(requestBody?.content ?? {}).flatMap(({ schema, example }) =>
      misfits('body', schema, example),
    ),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).flatMap(({ schema }) => lacking(schema, status)),
    ),
  ];
}

function misfits(what: string, schema: Schema, example: unknown): string[] {
  if (example === undefined) return [`${what} has no example`];
  return ajv.validate(schema, example) ? [] : [`the example of ${what} does not fit: ${ajv.errorsText()}`];
}

/** Values of an answer without an example. */
function lacking(schema: Schema, path: string): string[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([name, one]) => lacking(one, `${path}.${name}`));
  return schema.items === undefined
    ? misfits(path, schema, schema.examples?.[0])
    : lacking(schema.items, `${path}[]`);
}
