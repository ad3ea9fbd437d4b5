/**
 * What an order costs the three services in CPU, without sidecars: two versions of them side by side, in turns, every order
 * followed to its end. Spans and metrics go to an HTTP server of this process that reads and drops them, so their making and sending
 * counts and nothing behind it. Needs PostgreSQL, RabbitMQ and Redis of a running mesh. A side is a checkout with further variables:
 *
 *     MESH_INSTANCE=1 node_modules/.bin/node test/cost/order-cpu.bench.ts . .,OTEL_SDK_DISABLED=true
 *
 * CPU time of a process is its own even while others are at work; caches and the clock of the cores are shared, so turns it takes.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { placeOrders } from '@microshop/lab/bench/run/place-orders';
import { type Goods, makeGoods } from '@microshop/lab/bench/run/shop';
import { shiftOf } from '@microshop/lab/statistics/shift';
import { spread } from '@microshop/lab/statistics/spread';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { type ServiceName, services } from '@microshop/topology';
import { type OwnShop, startOwnShop } from './own-shop.ts';

const clients = 8;
const secondsEach = Number(process.env['BENCH_SECONDS'] ?? 3);
const warmUpSeconds = Number(process.env['BENCH_WARM_UP'] ?? 15);
const turns = Number(process.env['BENCH_TURNS'] ?? 10);
const usual = ['.', '.,OTEL_SDK_DISABLED=true'];
const productCount = 64;
const { signal } = new AbortController();

/** What was sent to the collector, bytes and spans. */
const sent = { bytes: 0, spans: 0, requests: 0 };
const collector = createServer((incoming, answer) => {
  const parts: Buffer[] = [];
  incoming.on('data', (part: Buffer) => parts.push(part));
  incoming.on('end', () => {
    const body = Buffer.concat(parts);
    sent.requests += 1;
    if (incoming.url === '/v1/traces') {
      sent.bytes += body.length;
      sent.spans += body.toString().split('"spanId"').length - 1;
    }
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
}).listen(0, '127.0.0.1');
await once(collector, 'listening');
const address = collector.address();
if (address === null || typeof address === 'string') throw new Error('The collector has no port');
const collectorUrl = `http://127.0.0.1:${address.port}`;

interface Side {
  readonly name: string;
  readonly shop: OwnShop;
  readonly goods: Goods;
}

/** Starts the side that an argument describes: `folder,NAME=value,…`. */
async function startSide(argument: string, number: number): Promise<Side> {
  const [folder = '.', ...settings] = argument.split(',');
  const env = Object.fromEntries(
    settings.map((setting) => {
      const [name = '', ...value] = setting.split('=');
      return [name, value.join('=')];
    }),
  );
  const shop = await startOwnShop({ folder: path.resolve(folder), env, collector: collectorUrl, number });
  // just started, on a machine with other work, it may say for a while that it is overloaded
  const goods = await eventuallyDespiteErrors('goods are there', () => makeGoods(shop, productCount), 60_000);
  return { name: argument, shop, goods };
}

interface Round {
  readonly perOrder: ReadonlyMap<ServiceName | 'all', number>;
  readonly orders: number;
  readonly spans: number;
  readonly bytes: number;
}

async function run({ shop, goods }: Side, seconds: number): Promise<Round> {
  const before = shop.cpuMs();
  const sentBefore = { ...sent };
  const { latenciesMs, refused } = await placeOrders(
    shop.urlOf('orders'),
    goods,
    { kind: 'closed', clients },
    seconds,
    signal,
  );
  await shop.settled();
  const orders = latenciesMs.length;
  if (orders === 0) throw new Error(`No order was accepted, ${refused} refused`);
  const after = shop.cpuMs();
  const perOrder = new Map<ServiceName | 'all', number>();
  let all = 0;
  for (const { name } of services) {
    const used = (after.get(name) ?? 0) - (before.get(name) ?? 0);
    perOrder.set(name, used / orders);
    all += used;
  }
  perOrder.set('all', all / orders);
  return {
    perOrder,
    orders: orders / seconds,
    spans: (sent.spans - sentBefore.spans) / orders,
    bytes: (sent.bytes - sentBefore.bytes) / orders,
  };
}

const named = process.argv.slice(2);
const sides: Side[] = [];
try {
  for (const [index, argument] of (named.length > 0 ? named : usual).entries()) {
    sides.push(await startSide(argument, index + 1));
  }
  for (const side of [...sides, ...sides.toReversed()]) await run(side, warmUpSeconds / 2);
  const rounds = new Map<Side, Round[]>(sides.map((side) => [side, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
      rounds.get(side)?.push(await run(side, secondsEach));
    }
  }
  const [first = []] = rounds.values();
  const figure = (value: number) => value.toFixed(value < 100 ? 3 : 0);
  for (const [{ name }, own] of rounds) {
    console.log(name);
    const median = (value: (round: Round) => number) => spread(own.map(value)).median;
    console.log(
      `  ${figure(median(({ orders }) => orders))} orders/s, ${figure(median(({ spans }) => spans))} spans and ${figure(median(({ bytes }) => bytes))} bytes an order`,
    );
    for (const of of ['all', ...services.map((service) => service.name)] as const) {
      const cpu = (round: Round | undefined) => round?.perOrder.get(of) ?? Number.NaN;
      const ratio = shiftOf(own.map((round, turn) => Math.log(cpu(round) / cpu(first[turn]))));
      const [estimate, least, most] = [ratio.estimate, ratio.least, ratio.most].map(Math.exp);
      console.log(
        `  ${of.padEnd(8)} ${figure(median(cpu))} ms an order; ÷ first: ${estimate?.toFixed(3)} (${least?.toFixed(3)}–${most?.toFixed(3)})`,
      );
    }
  }
} finally {
  for (const { shop } of sides) await shop.end();
  collector.close();
  collector.closeAllConnections();
}
