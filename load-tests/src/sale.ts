/** The end of a sale: what was sold, held against the stock that was there. */
import { check, sleep } from 'k6';
import { Gauge } from 'k6/metrics';
import { metricNames } from './metrics.ts';
import type { Made } from './scenario.ts';
import { bodyOf, headerOf, isObject, memberOf, type Shop } from './shop.ts';

const sold = new Gauge(metricNames.sold);
const rejected = new Gauge(metricNames.rejected);

/** Time the orders have to end after the last was sent, seconds. */
const settleSeconds = 30;

/** The largest page the shop gives. */
const pageSize = 100;

/** Waits until every order of the run has ended, then checks that neither more nor less was sold than there was. */
export function checkSale(shop: Shop, { userId, productIds, stock }: Made): void {
  const deadline = Date.now() + settleSeconds * 1000;
  let orders = ordersByStatus(shop, userId);
  while (orders.PENDING > 0 && Date.now() < deadline) {
    sleep(0.5);
    orders = ordersByStatus(shop, userId);
  }
  sold.add(orders.CONFIRMED);
  rejected.add(orders.REJECTED);
  const [productId] = productIds;
  const left = memberOf(shop.read(`/api/products/${productId}`), 'stock');
  check(null, {
    'every order ended': () => orders.PENDING === 0,
    'nothing was sold twice or lost': () => typeof left === 'number' && left + orders.CONFIRMED === stock,
    'the stock is not below zero': () => typeof left === 'number' && left >= 0,
    'nobody was rejected while there was stock': () => orders.REJECTED === 0 || left === 0,
  });
}

function ordersByStatus(shop: Shop, userId: number): Record<'PENDING' | 'CONFIRMED' | 'REJECTED', number> {
  const counts = { PENDING: 0, CONFIRMED: 0, REJECTED: 0 };
  let page: string | undefined = `/api/orders?user_id=${userId}&limit=${pageSize}`;
  while (page !== undefined) {
    const answer = shop.read(page);
    const body = bodyOf(answer);
    if (!Array.isArray(body)) throw new Error(`GET ${page} was answered ${answer.status} without a list`);
    for (const order of body) {
      const status: unknown = isObject(order) ? order['status'] : undefined;
      if (status === 'PENDING' || status === 'CONFIRMED' || status === 'REJECTED') counts[status] += 1;
    }
    page = /<([^>]+)>;\s*rel="next"/.exec(headerOf(answer, 'link') ?? '')?.[1];
  }
  return counts;
}
