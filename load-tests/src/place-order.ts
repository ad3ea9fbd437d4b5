/** One iteration: an order is sent, its answer judged and written down, and some are followed to their end. */
import { check, sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { type FailureCode, failureCode } from './contract.ts';
import { writeLedgerLine } from './ledger.ts';
import { metricNames, type Outcome } from './metrics.ts';
import { followSeconds, type Plan } from './plan.ts';
import { type Answer, idOf, memberOf, type NewOrder, type Shop, traceIdOf } from './shop.ts';

const orders = new Counter(metricNames.orders);
const completion = new Trend(metricNames.completion, true);

/** Time between two polls of an order, seconds; also how exactly its end is known. */
const lookEverySeconds = 0.1;

/**
 * Sends one order with a key of its own, some twice at once, and again with the same key while its answer leaves open what became
 * of it.
 */
export function placeOrder(plan: Plan, shop: Shop, order: NewOrder): void {
  const { settings, sellsOut } = plan;
  const key = crypto.randomUUID();
  const sentAt = Date.now();
  let answer = send(plan, shop, order, key, Math.random() < settings.twice);
  for (let repeats = 0; repeats < settings.repeats && isOpen(answer); repeats += 1) {
    sleep(settings.repeatAfterMs / 1000);
    answer = send(plan, shop, order, key);
  }
  const orderId = answer.status === 201 ? idOf(answer) : null;
  const traceId = traceIdOf(answer);

  const { outcome, code } = outcomeOf(answer, sellsOut);
  orders.add(1, code === undefined ? { outcome } : { outcome, code });
  check(answer, {
    'answered as expected': () => outcome !== 'failed',
    'names its trace': () => /^[0-9a-f]{32}$/.test(traceId),
  });
  if (orderId !== null && Math.random() < settings.follow) follow(shop, orderId, sentAt);
}

/** Sends an order once, or twice at the same time, and writes down each answer; of two the one that names an order counts. */
function send(plan: Plan, shop: Shop, order: NewOrder, key: string, twice = false): Answer {
  const { settings, sellsOut } = plan;
  const t = Date.now();
  if (!twice) {
    const answer = shop.placeOrder(order, key, { sellsOut });
    if (settings.ledger) writeDown(plan, key, t, answer);
    return answer;
  }
  const [first, second] = shop.placeOrderTwice(order, key, { sellsOut });
  if (first === undefined || second === undefined) throw new Error('two requests have two answers');
  if (settings.ledger) for (const answer of [first, second]) writeDown(plan, key, t, answer);
  return first.status !== 201 && second.status === 201 ? second : first;
}

function writeDown({ sellsOut }: Plan, key: string, t: number, answer: Answer): void {
  const { status } = answer;
  const { code } = outcomeOf(answer, sellsOut);
  writeLedgerLine({
    key,
    order_id: status === 201 ? idOf(answer) : null,
    status,
    trace_id: traceIdOf(answer),
    t,
    ms: Math.round(answer.timings.duration * 10) / 10,
    ...(code === undefined ? {} : { code }),
  });
}

/** Whether the order may have been placed all the same: the answer is lost, or says that it is not known. */
function isOpen({ status }: Answer): boolean {
  return status === 0 || status === 503 || status === 504;
}

function outcomeOf(answer: Answer, sellsOut: boolean): { outcome: Outcome; code?: FailureCode } {
  if (answer.status === 201 && idOf(answer) !== null) return { outcome: 'accepted' };
  if (answer.status === 0) return { outcome: 'failed', code: 'no_answer' };
  const code = failureCode(memberOf(answer, 'code'));
  const refused = sellsOut && answer.status === 400 && code === 'not_enough_stock';
  return { outcome: refused ? 'refused' : 'failed', code };
}

/** Looks at an order until it has ended, for at most {@link followSeconds}. */
function follow(shop: Shop, orderId: number, sentAt: number): void {
  const deadline = Date.now() + followSeconds * 1000;
  let status: unknown;
  do {
    sleep(lookEverySeconds);
    status = memberOf(shop.readOrder(orderId), 'status');
  } while (status !== 'CONFIRMED' && status !== 'REJECTED' && Date.now() < deadline);
  const ended = status === 'CONFIRMED' || status === 'REJECTED';
  if (ended)
    completion.add(Date.now() - sentAt, { status: status === 'CONFIRMED' ? 'CONFIRMED' : 'REJECTED' });
  check(null, { 'followed order ended in time': () => ended });
}
