/** Faults and policies as a person sets them: with the mesh command. */
import assert from 'node:assert/strict';
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { FaultRequest } from '@microshop/topology';
import { unfolded } from './command.ts';
import { askControl } from './control.ts';
import { mesh } from './mesh.ts';
import { accepted, newProduct, newUser, placeOrder } from './shop.ts';

/** Runs the mesh command, which must do what it is asked. */
export async function command(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await mesh.cli(args);
  assert.equal(code, 0, `./mesh ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Runs the mesh command, which must refuse it as wrong usage with that sentence and no stack. */
export async function refused(sentence: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await mesh.cli(args);
  assert.equal(code, 2, `./mesh ${args.join(' ')}: ${stderr}`);
  assert.match(unfolded(stderr), sentence);
  assert.doesNotMatch(stderr, /^\s+at /m);
}

/** Asks the control service for a change, as the mesh command does; resolves when it is in effect everywhere. */
export async function change(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<void> {
  const { status, text } = await askControl(method, path, body);
  assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${text}`);
  // a fault that is not in effect would make a test prove nothing; the answer waits for it, on a busy machine not long enough
  await eventually('every sidecar has its faults', async () =>
    (await listedFaults()).every(({ waiting_for: waiting }) => waiting.length === 0),
  );
}

/** Ends all faults. */
export async function clearFaults(): Promise<void> {
  await change('DELETE', '/api/faults');
}

/** Ends all faults and waits until orders are accepted; a user, and a product with that stock, of the caller's own. */
export async function wellShop(stock: number): Promise<{ user: { id: number }; product: { id: number } }> {
  await clearFaults();
  const user = await newUser();
  const product = await newProduct(stock);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  await accepted(() => placeOrder(order));
  return { user, product };
}

/** Sets the faults for the length of the work. */
export async function withFaults<T>(faults: readonly FaultRequest[], work: () => Promise<T>): Promise<T> {
  try {
    for (const fault of faults) await change('POST', '/api/faults', fault);
    return await work();
  } finally {
    await clearFaults();
  }
}

/** A fault as `./mesh fault list --json` prints it. */
export interface ListedFault {
  readonly service: string;
  readonly from: string | null;
  readonly percent: number;
  readonly expires_at: number | null;
  readonly hits: Readonly<Record<'aborts' | 'delays' | 'answers_replaced' | 'answers_slowed', number>>;
  readonly waiting_for: readonly string[];
}

/** Asks the control service; reading needs no token. */
async function read<Answer>(path: string): Promise<Answer> {
  const response = await fetch(new URL(path, mesh.control), { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  assert.equal(response.status, 200, `GET ${path}: ${text}`);
  return JSON.parse(text);
}

/** The faults in effect. */
export async function listedFaults(): Promise<readonly ListedFault[]> {
  return (await read<{ faults: ListedFault[] }>('/api/faults')).faults;
}

/** What is set on the mesh, or not well. */
export async function wrong(): Promise<string[]> {
  return [...(await listedFaults()).map(({ service }) => `a fault of ${service}`), ...(await mesh.unwell())];
}

/** The policies as `./mesh policy show --json` prints them. */
interface Shown {
  readonly policies: readonly {
    readonly caller: string;
    readonly callee: string;
    readonly policy: Readonly<Record<string, unknown>>;
    readonly changed: Readonly<Record<string, unknown>>;
  }[];
  readonly problems: readonly string[];
  readonly waiting_for: readonly string[];
}

/** The policies once every Envoy and app has applied them. Throws when one cannot. */
function applied(): Promise<Shown> {
  return eventually('every Envoy and app has applied the policies', async () => {
    const shown = await read<Shown>('/api/policies');
    assert.deepEqual(shown.problems, []);
    return shown.waiting_for.length === 0 ? shown : undefined;
  });
}

/** Sets every policy back: what tests begin and end with, for which no command is started. */
export async function resetPolicies(): Promise<void> {
  const { status, text } = await askControl('DELETE', '/api/policies');
  assert.equal(status, 200, text);
  await applied();
}

/** The policy of a call, which every Envoy and app has applied. */
export async function shownPolicy(caller: string, callee: string) {
  const found = (await applied()).policies.find(
    (policy) => policy.caller === caller && policy.callee === callee,
  );
  assert.ok(found);
  return found;
}
