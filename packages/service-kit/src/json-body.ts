/**
 * Bodies as they were sent, or not at all. `JSON.parse` and UTF-8 decoders put other characters in place of what is no
 * text, so that something else would be stored, and two passwords could become one.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { badRequest, ProblemError } from './problem.ts';
import { decimalKeyword } from './schemas.ts';

/** Content encodings that are accepted: none but the plain one. */
const understoodEncodings: ReadonlySet<string> = new Set(['', 'identity']);

/** Escapes of halves of a character outside the basic plane; only then a text can hold one alone. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/** Numbers that are not plain decimal digits; in a text too, and then the body is merely looked at more closely. */
const otherNumber = /\d[.eE]/;

const decimal = /^-?\d+$/;

/** Arrays and objects in one another that a body may have where it is looked at level by level; the API has three. */
const maxDepth = 32;

async function registerJsonBody(fastify: FastifyInstance): Promise<void> {
  fastify.addHook('onRequest', async (request) => refuseEncoding(request));
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // asked for as a buffer
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    try {
      if (!isUtf8(bytes))
        throw badRequest(`${notUtf8Field(bytes) ?? 'body'} is not UTF-8; send text in UTF-8`);
      const text = bytes.toString('utf8');
      let failure: Error | null = null;
      let value: unknown;
      // calls back before it returns, and treats what is thrown there as its own error
      void parse(request, text, (error, parsed: unknown) => {
        failure = error;
        value = parsed;
      });
      if (failure === null) refuseUnmeant(request, text, value);
      else refusePrototypes(text);
      done(failure, value);
    } catch (error) {
      done(error instanceof Error ? error : new Error('The body cannot be read'));
    }
  });
}

/** Registers the parser of JSON bodies, and refuses bodies that are encoded. */
export const jsonBody = fp(registerJsonBody, { name: 'json-body' });

function refuseEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && !understoodEncodings.has(encoding.trim().toLowerCase())) {
    throw unsupported('header.content-encoding is not understood here; send the body as it is');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    throw unsupported('header.content-type names a charset that is not understood here; send UTF-8');
  }
}

function unsupported(detail: string): ProblemError {
  return new ProblemError(415, 'unsupported_media_type', detail);
}

/** Looks at every member of a body whose text gives a reason to; most give none. */
function refuseUnmeant(request: FastifyRequest, text: string, value: unknown): void {
  const halves = surrogateEscape.test(text);
  const numbers = otherNumber.test(text);
  // both call themselves for each level, and a body has room for more levels than the stack
  if (halves || numbers) refuseDepth(value);
  if (halves) refuseHalfCharacters(value, 'body');
  if (numbers) refuseOtherIds(text, value, schemaOf(request), 'body');
}

function refuseDepth(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth)
      throw badRequest(`body is nested more than ${maxDepth} levels deep; send it flatter`);
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
}

/**
 * The parser calls a body no JSON that is JSON, but has a field that would reach into the prototype of what is made of it.
 * Says which.
 */
function refusePrototypes(text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  refuseDepth(value);
  const field = prototypeField(value, 'body');
  if (field !== undefined) throw badRequest(`${field} is a name that no field may have here; remove it`);
}

/** The first field that is, or holds, a prototype. */
function prototypeField(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    const holds =
      name === 'constructor' &&
      typeof member === 'object' &&
      member !== null &&
      Object.hasOwn(member, 'prototype');
    const found = name === '__proto__' ? at : holds ? `${at}.prototype` : prototypeField(member, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Calls with every text of a value, names of fields too, and where it stands. */
function eachText(value: unknown, path: string, look: (text: string, path: string) => void): void {
  if (typeof value === 'string') look(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (Array.isArray(value)) {
      eachText(member, `${path}[${name}]`, look);
      continue;
    }
    look(name, `the name of a field of ${path}`);
    eachText(member, `${path}.${name}`, look);
  }
}

function refuseHalfCharacters(value: unknown, path: string): void {
  eachText(value, path, (text, where) => {
    if (!text.isWellFormed()) {
      throw badRequest(`${where} is not Unicode: it has half of a surrogate pair; send whole characters`);
    }
  });
}

/** Where the first text stands that is not UTF-8, when the rest is JSON. */
function notUtf8Field(bytes: Buffer): string | undefined {
  let found: string | undefined;
  try {
    // latin1: each byte is one character, and JSON's syntax is ASCII
    eachText(JSON.parse(bytes.toString('latin1')), 'body', (text, where) => {
      if (found === undefined && !isUtf8(Buffer.from(text.replaceAll(/[^\0-\xff]/g, '?'), 'latin1')))
        found = where;
    });
  } catch {
    return undefined;
  }
  return found;
}

/** As much of a JSON schema as is needed to find ids. */
interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly items?: SchemaPart;
  readonly [keyword: string]: unknown;
}

function isSchema(value: unknown): value is SchemaPart {
  return typeof value === 'object' && value !== null;
}

function schemaOf(request: FastifyRequest): SchemaPart | undefined {
  const { body } = request.routeOptions.schema ?? {};
  return isSchema(body) ? body : undefined;
}

/** A number as it was written. */
class Written {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** `1e0` and `1.0` are numbers, and no ids. */
function refuseOtherIds(text: string, value: unknown, schema: SchemaPart | undefined, path: string): void {
  if (schema === undefined || typeof value !== 'object') return;
  const written: unknown = JSON.parse(
    text,
    (_key, member: unknown, context?: { readonly source?: string }) => {
      const source = context?.source;
      return typeof member === 'number' && source !== undefined && !decimal.test(source)
        ? new Written(source)
        : member;
    },
  );
  visit(written, schema, path);
}

function visit(value: unknown, schema: SchemaPart | undefined, path: string): void {
  if (schema === undefined) return;
  if (value instanceof Written) {
    if (schema[decimalKeyword] === true) throw badRequest(`${path} must be an id in decimal digits`);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, schema.items, `${path}[${index}]`);
  } else if (isSchema(value)) {
    for (const [name, member] of Object.entries(value))
      visit(member, schema.properties?.[name], `${path}.${name}`);
  }
}
