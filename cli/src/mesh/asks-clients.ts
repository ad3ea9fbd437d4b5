/** Whether a mesh authenticates clients. */
import { requestJson } from '@microshop/program-kit/http-json';
import { labOrigin, originHeader } from '@microshop/topology';

/** Asks its gateway; `undefined` when that does not answer. */
export async function asksClients(gateway: string): Promise<boolean | undefined> {
  try {
    const { status } = await requestJson('gateway', 'GET', `${gateway}/api/orders?limit=1`, {
      headers: { [originHeader]: labOrigin },
    });
    return status === 401;
  } catch {
    return undefined;
  }
}
