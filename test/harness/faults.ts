/** Faults and policies as a person sets them: with the mesh command. */
import assert from 'node:assert/strict';
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

/** Asks the control service for a change, as the mesh command does. */
export async function change(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<void> {
  const { status, text } = await askControl(method, path, body);
  assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${text}`);
  // a fault that is not in effect would make a test prove nothing
  if (method === 'POST') assert.deepEqual(JSON.parse(text).waiting_for, [], text);
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
  await accepted(() => placeOrder(order), 30_000);
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

/** Asserts that every Envoy and app has applied them. */
function assertApplied({ problems, waiting_for: waitingFor }: Shown): void {
  assert.deepEqual([problems, waitingFor], [[], []]);
}

/** Sets every policy back: what tests begin and end with, for which no command is started. */
export async function resetPolicies(): Promise<void> {
  const { status, text } = await askControl('DELETE', '/api/policies');
  assert.equal(status, 200, text);
  assertApplied(JSON.parse(text));
}

/** The policy of a call, which every Envoy and app has applied. */
export async function shownPolicy(caller: string, callee: string) {
  const list = await read<Shown>('/api/policies');
  assertApplied(list);
  const found = list.policies.find((policy) => policy.caller === caller && policy.callee === callee);
  assert.ok(found);
  return found;
}
