/** Requests that were made up, and how they were answered. */
import type { DescribedOperation } from './api-description.ts';
import { saysLate } from './late.ts';
import { mesh } from './mesh.ts';

/** A request as it was sent. */
export interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Name and value of each. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer;
}

/** A request with its answer. */
export interface Exchange {
  readonly request: Sent;
  /** 0 without an answer. */
  readonly status: number;
  readonly text: string;
}

/** A file of the format HAR 1.2 with the bytes of each body in Base64, as far as it is read here. */
interface HttpArchive {
  readonly log: {
    readonly entries: readonly {
      readonly request: {
        readonly method: string;
        readonly url: string;
        readonly headers: readonly { readonly name: string; readonly value: string }[];
        readonly postData?: { readonly text: string };
      };
      readonly response: { readonly status: number; readonly content: { readonly text?: string } };
    }[];
  };
}

/** What stands in such a file about the gateway. */
export function exchangesIn(archive: string): Exchange[] {
  const { log }: HttpArchive = JSON.parse(archive);
  return log.entries.map(({ request: { method, url, headers, postData }, response }) => ({
    request: {
      method,
      // not by `URL`, which writes some paths in another way
      path: url.slice(mesh.gateway.length),
      headers: headers.map(({ name, value }) => [name, value] as const),
      ...(postData === undefined ? {} : { body: Buffer.from(postData.text, 'base64') }),
    },
    status: response.status,
    text: Buffer.from(response.content.text ?? '', 'base64').toString(),
  }));
}

/** An exchange as a line. */
export function shown({ request: { method, path, body }, status, text }: Exchange): string {
  return `${method} ${path}${body === undefined ? '' : ` ${body}`}: ${status} ${text}`;
}

/** The answers with a status from 500 that a busy machine does not explain. */
export function failuresIn(exchanges: readonly Exchange[]): string[] {
  return exchanges.filter(({ status, text }) => status >= 500 && !saysLate(bodyOf(text))).map(shown);
}

/** A body as JSON; as text when it is none. */
export function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The operation that a request is for, whatever its id; none when it is no call of the API, as with another method. */
export function operationOf(
  operations: readonly DescribedOperation[],
  { method, path }: Sent,
): DescribedOperation | undefined {
  const pathname = path.replace(/\?.*$/, '');
  // `/api/users/login` is no user, whatever the method
  const isWritten = operations.some((one) => one.path === pathname);
  const fits = (template: string) =>
    isWritten
      ? template === pathname
      : new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
  return operations.find((one) => one.example.method === method && fits(one.path));
}

/** How many answers of each status an operation gave, by its name. */
export function answersIn(
  operations: readonly DescribedOperation[],
  exchanges: readonly Exchange[],
): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const answers = new Map<string, Map<number, number>>();
  for (const { request, status } of exchanges) {
    const operation = operationOf(operations, request);
    if (operation === undefined) continue;
    const ofThis = answers.get(operation.name) ?? new Map<number, number>();
    answers.set(operation.name, ofThis.set(status, (ofThis.get(status) ?? 0) + 1));
  }
  return answers;
}
