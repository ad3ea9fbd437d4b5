/** Calls of a test over HTTP/2. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import type { Answer } from './call.ts';
import type { TlsCall } from './certificates.ts';
import { asObject } from './mesh.ts';

/** Sends a request for a path, `GET` unless the headers say another `:method`, and reads the whole answer. */
export type Ask = (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

/** How a connection is made: without `ca` it is verified as this process verifies others. */
export interface From extends Pick<TlsCall, 'ca'> {
  /** Address of this machine that it comes from. */
  readonly localAddress?: string;
}

/** Runs calls on one connection, which is closed afterwards. */
export async function onHttp2<T>(origin: string, from: From, work: (ask: Ask) => Promise<T>): Promise<T> {
  const session = connect(origin, { ...from });
  try {
    return await work(async (path, headers = {}) => {
      const stream = session.request({ ...headers, ':path': path }).end();
      const [got] = await once(stream, 'response');
      const body = await text(stream);
      return {
        status: Number(got[':status']),
        headers: got,
        text: body,
        json: () => asObject(JSON.parse(body)),
      };
    });
  } finally {
    session.close();
  }
}

/** That many requests for a path at once, on one connection: on a busy machine calls with a connection each are slower than a limit. */
export function askAtOnce(
  origin: string,
  from: From,
  count: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer[]> {
  return onHttp2(origin, from, (ask) => Promise.all(Array.from({ length: count }, () => ask(path, headers))));
}
