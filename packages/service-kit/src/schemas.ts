/** Atoms of the HTTP API that several services use. */
import { maxId, problemTitles, traceIdPattern } from '@microshop/topology';
import { Type } from 'typebox';

/** Text without NUL, which PostgreSQL cannot store, and without leading or trailing white space. */
export function text(minLength: number, maxLength: number, description: string) {
  return Type.String({ minLength, maxLength, pattern: '^(?!\\s)[^\\u0000]*(?<!\\s)$', description });
}

/** Keyword of numbers that name something: written in decimal digits, and in no other way that comes to the same number. */
export const decimalKeyword = 'x-decimal-digits';

/** An id. */
export const id = Type.Integer({ minimum: 1, maximum: maxId, examples: [1], [decimalKeyword]: true });

/** `{id}` of a path. */
export const idParams = Type.Object({ id });

/** Time as RFC 3339 in UTC. */
export const timestamp = Type.String({ format: 'date-time', examples: ['2026-11-26T20:00:00.000Z'] });

/** Body of every error, for the OpenAPI document. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ pattern: '^urn:microshop:problem:' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What is wrong and what to do, for a person' }),
    instance: Type.String({ description: 'Path of the request' }),
    code: Type.Enum(Object.keys(problemTitles), {
      type: 'string',
      description: 'What is wrong, for a program',
    }),
    trace_id: Type.String({ pattern: traceIdPattern }),
    dependency: Type.Optional(Type.String({ description: 'The peer that a 503 or 504 is about' })),
  },
  { $id: 'Problem', description: 'RFC 9457 problem', additionalProperties: true },
);

/** Says in a route's `response` that a problem of that status can come of it; its body is described for all alike. */
export const problemRef = Type.Ref('Problem');
