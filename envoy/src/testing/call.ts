/** HTTP calls of a test, with every header as it says (`fetch` would keep `host` to itself). */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { asObject } from './mesh.ts';

/** What a call got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. Throws when it is not an object. */
  json(): Record<string, unknown>;
}

/** Sends a request and reads the whole answer. */
export async function call(
  url: string,
  options: { method?: string; headers?: Readonly<Record<string, string>>; body?: string | Buffer } = {},
): Promise<Answer> {
  return await new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: options.method ?? 'GET', headers: options.headers ?? {} },
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
