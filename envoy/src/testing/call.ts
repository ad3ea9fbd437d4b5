/** HTTP calls of a test, with every header as it says (`fetch` would keep `host` to itself). */
import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TlsCall } from './certificates.ts';
import { asObject } from './mesh.ts';

/** What a call got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. Throws when it is not an object. */
  json(): Record<string, unknown>;
}

/** What a call sends. */
export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** How to speak TLS; without it the call is plain. */
  readonly tls?: TlsCall;
  /** Whose connections to use; the default agent's when absent. */
  readonly agent?: Agent;
}

/** Sends a request and reads the whole answer. Rejects when the connection, or its handshake, fails. */
export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const send = options.tls === undefined ? httpRequest : httpsRequest;
  return await new Promise<Answer>((resolve, reject) => {
    const request = send(
      url,
      {
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
        agent: options.agent,
        ...options.tls,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: () => asObject(JSON.parse(text)),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}
