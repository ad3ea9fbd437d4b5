/** Checks requests against their schemas; a refusal names the field and what it should be. */
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifyInstance, FastifyRequest, FastifySchemaValidationError, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { badRequest } from './problem.ts';

/** Where a value came from, as people call it. */
const places: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** One sentence about the first thing wrong: `body.items[0].quantity must be >= 1`. */
export function describeValidation(
  errors: readonly (FastifySchemaValidationError | ErrorObject)[],
  place: string,
): string {
  const first = errors[0];
  const where = places[place] ?? place;
  if (first === undefined) return `${where} is not valid`;
  const path = first.instancePath.replace(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.');
  const subject = `${where}${path}`;
  switch (first.keyword) {
    case 'required':
      return `${subject}.${String(first.params['missingProperty'])} is required`;
    case 'additionalProperties':
      return `${subject}.${String(first.params['additionalProperty'])} is not a known field; remove it`;
    case 'enum':
      return `${subject} must be one of ${JSON.stringify(first.params['allowedValues'])}`;
    case 'pattern':
      return `${subject} has characters that are not allowed here, or begins or ends with white space`;
    default:
      return `${subject} ${first.message ?? 'is not valid'}`;
  }
}

/** Names and schemas of the fields of a schema. */
function fieldsOf(schema: unknown): [string, unknown][] {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return [];
  return Object.entries(schema.properties ?? {});
}

/** Names of the numbers among the fields of a schema. */
function numbersOf(schema: unknown): string[] {
  return fieldsOf(schema).flatMap(([name, field]) =>
    field !== null && typeof field === 'object' && 'type' in field && field.type === 'integer' ? [name] : [],
  );
}

/**
 * Ajv makes a number of whatever JavaScript does: `0x1`, `1e0`, `+1`, ` 1`. One in a path or a query is decimal digits,
 * perhaps behind a minus, which a minimum then refuses.
 */
function refuseOtherNumbers(values: unknown, numbers: readonly string[], place: string): void {
  if (typeof values !== 'object' || values === null) return;
  for (const [name, text] of Object.entries(values)) {
    if (!numbers.includes(name) || typeof text !== 'string' || /^-?[0-9]+$/.test(text)) continue;
    throw badRequest(`${places[place]}.${name} must be a number in decimal digits`);
  }
}

/** A field that is given twice comes as a list, of which a schema can only say that it is no number or text. */
function refuseTwice(query: unknown, fields: readonly string[]): void {
  if (typeof query !== 'object' || query === null) return;
  const twice = Object.entries(query).find(([name, value]) => fields.includes(name) && Array.isArray(value));
  if (twice !== undefined) throw badRequest(`query.${twice[0]} is given twice; leave one out`);
}

function checkTexts(route: RouteOptions): void {
  const params = numbersOf(route.schema?.params);
  const query = numbersOf(route.schema?.querystring);
  const fields = fieldsOf(route.schema?.querystring).map(([name]) => name);
  if (params.length + fields.length === 0) return;
  const check = async (request: FastifyRequest) => {
    refuseTwice(request.query, fields);
    refuseOtherNumbers(request.params, params, 'params');
    refuseOtherNumbers(request.query, query, 'querystring');
  };
  route.preValidation = [...[route.preValidation ?? []].flat(), check];
}

async function registerValidation(fastify: FastifyInstance): Promise<void> {
  // A body says its types in JSON, so a string is not a number there; in a path or a query everything is text.
  const common = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false } as const;
  const exact = addFormats.default(new Ajv({ ...common, coerceTypes: false }));
  const coercing = addFormats.default(new Ajv({ ...common, coerceTypes: true }));
  fastify.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? exact : coercing).compile(schema),
  );
  fastify.addHook('onRoute', checkTexts);
  fastify.setSchemaErrorFormatter((errors, place) => badRequest(describeValidation(errors, place)));
}

/** Registers the validators. */
export const validation = fp(registerValidation, { name: 'validation' });
