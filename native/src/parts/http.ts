/** Health over HTTP. */
import type { Address } from '@microshop/topology';
import { request } from 'undici';

/** Status and body of a GET. The connection is closed after it, so that it never holds up an ordered stop. */
export async function get(
  address: Address,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await request(`http://${address.host}:${address.port}${path}`, { signal, reset: true });
  return { status: answer.statusCode, body: await answer.body.text() };
}

/** Whether a GET answers 200. */
export async function answersOk(address: Address, path: string, signal: AbortSignal): Promise<boolean> {
  return (await get(address, path, signal)).status === 200;
}
