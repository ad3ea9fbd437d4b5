/** The idempotency key of a request, as its client wrote it. */
import { isUtf8 } from 'node:buffer';
import { badRequest } from '@microshop/service-kit';
import type { FastifyRequest } from 'fastify';

const header = 'idempotency-key';

/**
 * The key, or `undefined` without one. A header's bytes come as a character each (Node decodes them as Latin-1), and lines
 * of the same name come joined; a key is one line of UTF-8. Throws a 400 that names the header.
 */
export function idempotencyKey({ raw }: Pick<FastifyRequest, 'raw'>): string | undefined {
  const lines = raw.headersDistinct[header];
  const [line] = lines ?? [];
  if (lines === undefined || line === undefined) return undefined;
  if (lines.length > 1) throw badRequest(`header.${header} is sent ${lines.length} times; send it once`);
  const bytes = Buffer.from(line, 'latin1');
  if (!isUtf8(bytes)) throw badRequest(`header.${header} is not UTF-8; send a key in ASCII or UTF-8`);
  return bytes.toString('utf8');
}
