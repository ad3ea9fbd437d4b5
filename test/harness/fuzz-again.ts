/** Requests that were made up for one client, sent again by nobody that is known: to make them up takes far longer than to send them. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import { clientRateLimits, serviceNamed } from '@microshop/topology';
import { Pool } from 'undici';
import { bodyOf, type Exchange, operationOf, type Sent, shown } from './exchanges.ts';
import type { Fuzzed } from './fuzz.ts';
import { mesh } from './mesh.ts';

const { address, passwords } = clientRateLimits;

/** Logins and new accounts: an address may send fewer of them. */
const hashes = ({ method, path }: Sent): boolean =>
  method === 'POST' && path.startsWith(serviceNamed('users').route);

/** Headers that say who sends it, or how its body is sent, which the connection says for itself. */
const ownHeaders: readonly string[] = [
  ...['authorization', 'accept-encoding', 'connection', 'content-length', 'host', 'transfer-encoding'],
];

/** An exchange, and what of its answer is not as described. */
interface Judged {
  readonly exchange: Exchange;
  readonly violations: readonly string[];
}

/** Sends all that was sent once more, without a token, and holds the answers against the same operations. */
export async function fuzzAgain({ operations, exchanges }: Fuzzed): Promise<Fuzzed> {
  const pool = new Pool(mesh.gateway, { connections: 4, headersTimeout: 20_000 });

  async function answered(request: Sent): Promise<Judged> {
    const { method, path, body } = request;
    const headers = request.headers.filter(([name]) => !ownHeaders.includes(name.toLowerCase()));
    try {
      const answer = await pool.request({ method, path, headers: headers.flat(), body: body ?? null });
      const text = await answer.body.text();
      const { statusCode: status } = answer;
      const got = Object.entries(answer.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const received = { status, headers: new Headers(got), body: bodyOf(text) };
      const violations = operationOf(operations, request)?.violations(received) ?? [];
      return { exchange: { request, status, text }, violations };
    } catch (error) {
      const text = messageOf(error);
      return { exchange: { request, status: 0, text }, violations: ['there was no answer'] };
    }
  }

  /** As many as an address may send. */
  async function steadily(requests: readonly Sent[], perSecond: number): Promise<Judged[]> {
    const asked: Promise<Judged>[] = [];
    for (const request of requests) {
      asked.push(answered(request));
      await delay(1000 / perSecond);
    }
    return await Promise.all(asked);
  }

  try {
    const requests = exchanges.map(({ request }) => request);
    const both = await Promise.all([
      steadily(requests.filter(hashes), passwords.perSecond),
      steadily(
        requests.filter((one) => !hashes(one)),
        address.perSecond,
      ),
    ]);
    const judged = both.flat();
    return {
      findings: judged
        .flatMap(({ exchange, violations }) => violations.map((one) => `${shown(exchange)}: ${one}`))
        .join('\n'),
      exchanges: judged.map(({ exchange }) => exchange),
      operations,
    };
  } finally {
    await pool.close();
  }
}
