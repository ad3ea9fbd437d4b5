/** The files of the page: what `console/` was built to, under a policy that lets it load nothing from elsewhere. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { hasCode } from '@microshop/program-kit/errors';
import { notFound } from '@microshop/service-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pagePaths, viewMark } from './schemas.ts';

/**
 * What the page may load and do: scripts and styles are those of our files alone. A library places things by the object model,
 * which no policy stands against; the one that makes a style of its own is given a nonce for it.
 */
const policyWith = (...styles: readonly string[]) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styles].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Headers of everything that a browser shows. */
const headers = {
  'content-security-policy': policyWith(),
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

/** The page, with the nonce where libraries look for it (`getNonce` of react-aria). */
function withNonce(page: string, nonce: string): string {
  return page.replace('<head>', `<head>\n    <meta property="csp-nonce" nonce="${nonce}" />`);
}

/** The page without what only other views need. */
function forView(page: string, view: string): string {
  return page.replaceAll(new RegExp(`\\s*<link [^>]*${viewMark}="([^"]*)"[^>]*>`, 'g'), (link, of) =>
    of === view ? link : '',
  );
}

/** Shown until the page is built; it asks again every two seconds. */
const notBuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Microshop Mesh</title></head>
<body><p>The page is being built; it appears here by itself. If it does not: <code>npm run build</code> says why.</p></body>
</html>
`;

/** Names that a build gives its files: they are in one directory. */
const assetName = /^\w[\w.-]*$/;

/** Whether a person opens that address in a browser: what programs ask for, and the page itself, is the API. */
function isOpened({ url, headers: { accept = '' } }: Pick<FastifyRequest, 'url' | 'headers'>): boolean {
  return accept.includes('text/html') && !url.startsWith('/api/');
}

/** Serves the page out of that directory, which may be empty while the page is built. */
export async function registerPage(fastify: FastifyInstance, directory: string): Promise<void> {
  // in a container the files exist, and nothing can be built
  await mkdir(directory, { recursive: true }).catch(() => undefined);
  await fastify.register(fastifyStatic, {
    root: directory,
    serve: false,
    cacheControl: false,
    setHeaders: (reply) => reply.headers(headers),
  });

  const sendPage = async (reply: FastifyReply, view: string, status: number) => {
    const page = await readFile(path.join(directory, 'index.html'), 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    const nonce = randomBytes(16).toString('base64');
    return reply
      .code(page === undefined ? 503 : status)
      .headers({
        ...headers,
        'content-security-policy': policyWith(`'nonce-${nonce}'`),
        // a cached page would be shown with a used nonce
        'cache-control': 'no-store',
      })
      .type('text/html; charset=utf-8')
      .send(page === undefined ? notBuilt : withNonce(forView(page, view), nonce));
  };
  for (const url of pagePaths) {
    fastify.get(url, { logLevel: 'warn' }, (_request, reply) => sendPage(reply, url, 200));
  }
  // an address that names nothing: the page says so, with the views that there are around it
  fastify.get('/*', { logLevel: 'warn' }, async (request, reply) =>
    isOpened(request) ? await sendPage(reply, request.url, 404) : reply.callNotFound(),
  );
  fastify.get<{ Params: { file: string } }>('/assets/:file', { logLevel: 'warn' }, (request, reply) => {
    const { file } = request.params;
    // any other name could point outside the directory
    if (!assetName.test(file)) throw notFound(`The page has no file ${file}`);
    // each name is derived from the content
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .sendFile(path.join('assets', file));
  });
}
