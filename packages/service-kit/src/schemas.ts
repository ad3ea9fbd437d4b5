/** Atoms of the HTTP API that several services use. */
import { Type } from 'typebox';

/** Largest id: PostgreSQL's `integer`. */
export const maxId = 2_147_483_647;

/** Text without NUL, which PostgreSQL cannot store, and without leading or trailing white space. */
export function text(minLength: number, maxLength: number, description: string) {
  return Type.String({ minLength, maxLength, pattern: '^(?!\\s)[^\\u0000]*(?<!\\s)$', description });
}

/** Keyword of numbers that name something: written in decimal digits, and in no other way that comes to the same number. */
export const decimalKeyword = 'x-decimal-digits';

/** An id. */
export const id = Type.Integer({ minimum: 1, maximum: maxId, [decimalKeyword]: true });

/** `{id}` of a path. */
export const idParams = Type.Object({ id });

/** Time as RFC 3339 in UTC. */
export const timestamp = Type.String({ format: 'date-time' });

/** `limit` and `cursor` of a list. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Where the last page ended, from its `link` header',
    }),
  ),
};

/** Body of every error, for the OpenAPI document. */
export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String(),
    trace_id: Type.String(),
  },
  { $id: 'Problem', description: 'RFC 9457 problem', additionalProperties: true },
);

/** Schema of an error answer in a route's `response`. */
export const problemRef = Type.Ref('Problem');
