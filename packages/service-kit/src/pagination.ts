/** Keyset pages: a cursor names the last id seen; the next page is in `link`. */
import { maxId } from '@microshop/topology';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { badRequest } from './problem.ts';

/** Marks a cursor as ours, so that anything else is refused by name and not read as a number. */
const prefix = 'after:';

/** Rows of a page when the request sets no limit. */
const defaultLimit = 20;

/** `limit` and `cursor` of a list. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: defaultLimit }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Where the last page ended, from its `link` header',
      examples: [cursorAfter(defaultLimit)],
    }),
  ),
};

/** The id a cursor stands for; 0 without one. Throws a 400 that names the field. */
export function idAfter(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const id = Number(text.slice(prefix.length));
  if (
    !text.startsWith(prefix) ||
    !Number.isInteger(id) ||
    id < 1 ||
    id > maxId ||
    cursorAfter(id) !== cursor
  ) {
    throw badRequest(
      'query.cursor is not a cursor of this list; take it from the `link` header of the page before',
    );
  }
  return id;
}

/** The cursor of the page after that id. */
export function cursorAfter(id: number): string {
  return Buffer.from(`${prefix}${id}`).toString('base64url');
}

/**
 * Cuts a list of up to `limit` + 1 rows to `limit`, and links the next page when there was one more.
 */
export function page<Row extends { readonly id: number }>(
  rows: readonly Row[],
  limit: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Row[] {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  if (rows.length > limit && last !== undefined) {
    const [path = '', query] = request.url.split('?');
    const search = new URLSearchParams(query);
    search.set('cursor', cursorAfter(last.id));
    void reply.header('link', `<${path}?${search}>; rel="next"`);
  }
  return shown;
}
