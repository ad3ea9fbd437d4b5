/** The files of the page: what `console/` was built to, under a policy that lets it load nothing from elsewhere. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { hasCode } from '@microshop/program-kit/errors';
import type { FastifyInstance } from 'fastify';
import { pagePaths } from './schemas.ts';

/**
 * What the page may load and do. Styles within the page are allowed for the libraries that place things by them; scripts are
 * those of our files alone.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of everything that a browser shows. */
const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Headers of a document in a sandbox. Browsers refuse one that asks for an opener policy as well (HTML, "navigate"). */
export function sandboxHeaders(sandbox: string): Readonly<Record<string, string>> {
  const { 'cross-origin-opener-policy': _refused, ...others } = headers;
  return { ...others, 'content-security-policy': sandbox };
}

/** Shown until the page is built; it asks again every two seconds. */
const notBuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Microshop Mesh</title></head>
<body><p>The page is being built; it appears here by itself. If it does not: <code>npm run build</code> says why.</p></body>
</html>
`;

/** Serves the page out of that directory, which may be empty while the page is built. */
export async function registerPage(fastify: FastifyInstance, directory: string): Promise<void> {
  // in a container the files are there, and nothing can be made
  await mkdir(directory, { recursive: true }).catch(() => undefined);
  await fastify.register(fastifyStatic, {
    root: directory,
    serve: false,
    cacheControl: false,
    setHeaders: (reply) => reply.headers(headers),
  });

  for (const url of pagePaths) {
    fastify.get(url, { logLevel: 'warn' }, async (_request, reply) => {
      const page = await readFile(path.join(directory, 'index.html')).catch((error: unknown) => {
        if (hasCode(error, 'ENOENT')) return undefined;
        throw error;
      });
      return reply
        .code(page === undefined ? 503 : 200)
        .headers({ ...headers, 'cache-control': 'no-cache' })
        .type('text/html; charset=utf-8')
        .send(page ?? notBuilt);
    });
  }
  fastify.get<{ Params: { '*': string } }>('/assets/*', { logLevel: 'warn' }, (request, reply) =>
    // each has a name that follows from what is in it
    reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .sendFile(path.join('assets', request.params['*'])),
  );
}
