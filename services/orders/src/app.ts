/** The orders service: places orders and follows each to its end. */

import { openDatabase } from '@microshop/database';
import { createBroker, serveRetries, startConsumer, startRelay } from '@microshop/events';
import { createMeshClient, followBreakerPolicies } from '@microshop/mesh-client';
import {
  createService,
  health,
  outboundOf,
  pressure,
  type Service,
  withPassword,
} from '@microshop/service-kit';
import { eventRoute, serviceNamed } from '@microshop/topology';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { createPeers } from './domain/peers.ts';
import { createPlaceOrder } from './domain/place-order.ts';
import { createStockAnswerHandlers } from './events/stock-answers.ts';
import { createOrderMetrics } from './metrics.ts';
import { orderRoutes } from './routes/orders.ts';
import { OrderEntity, OrderLineEntity } from './store/entities.ts';
import { migrations } from './store/migrations.ts';
import { createOrderStore, orderIsPending } from './store/orders.ts';
import { sendOrdersAgain } from './store/send-again.ts';

/** Builds the service with its database open and up to date; the broker connects when it is there. */
export async function buildApp(config: Config, logger: Logger, signal: AbortSignal): Promise<Service> {
  const database = await openDatabase({
    url: withPassword(config.DATABASE_URL, config.DATABASE_PASSWORD_FILE),
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [OrderEntity, OrderLineEntity],
    migrations,
    applicationName: 'orders',
    logger,
    signal,
  });
  const service = await createService({
    name: 'orders',
    description: 'Places orders and follows each to its end',
    version: '0.1.0',
    edgeAuth: config.MESH_EDGE_AUTH === '1',
    logger,
  });
  // Fastify closes in the reverse order: consumer, relay, broker, mesh client, database.
  service.addHook('onClose', () => database.close());

  const client = createMeshClient({
    outboundUrl: outboundOf(config, serviceNamed('orders').calls),
    caller: 'orders',
    logger,
  });
  service.addHook('onClose', () => client.close());

  const breakers = followBreakerPolicies({
    directory: config.MESH_BREAKERS_DIR,
    caller: 'orders',
    apply: client.changeBreakers,
    logger,
  });
  service.addHook('onClose', async () => breakers.close());

  const broker = createBroker({
    url: withPassword(config.AMQP_URL, config.AMQP_PASSWORD_FILE),
    connectionName: 'orders',
    logger,
  });
  service.addHook('onClose', () => broker.close());

  const relay = startRelay({ sql: database.sql, broker, logger, keepPublished: orderIsPending });
  service.addHook('onClose', () => relay.close());
  const retries = serveRetries({
    service: 'orders',
    sql: database.sql,
    broker,
    logger,
    wake: relay.wake,
    sendOrdersAgain,
  });
  service.addHook('onClose', () => retries.close());

  const metrics = createOrderMetrics();
  const consumer = startConsumer({
    broker,
    queue: eventRoute('STOCK_RESERVED').queue,
    sql: database.sql,
    logger,
    handlers: createStockAnswerHandlers(logger, metrics),
    // One transaction at a time: while it runs, the answers behind it gather, and go together in the next.
    concurrency: 1,
    batchSize: 100,
  });
  service.addHook('onClose', () => consumer.close());

  await service.register(pressure, { poolWaitMs: database.poolWaitMs });
  await service.register(health, {
    service: 'orders',
    database: database.ping,
    optional: {
      broker: () => broker.connected,
      publisher: () => relay.problem === undefined,
      consumer: consumer.well,
    },
  });
  const orders = createOrderStore(database);
  await service.register(orderRoutes, {
    orders,
    edgeAuth: config.MESH_EDGE_AUTH === '1',
    placeOrder: createPlaceOrder({
      orders,
      peers: createPeers(client),
      committed: () => {
        metrics.placed();
        relay.wake();
      },
    }),
  });
  return service;
}
