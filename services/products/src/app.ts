/** The products service: catalogue and stock. */

import { openDatabase } from '@microshop/database';
import { createBroker, serveRetries, startConsumer, startRelay } from '@microshop/events';
import { createService, health, pressure, type Service, withPassword } from '@microshop/service-kit';
import { eventRoute } from '@microshop/topology';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { createCatalogue } from './domain/catalogue.ts';
import { orderCreatedHandler } from './events/order-created.ts';
import { countLookups } from './metrics.ts';
import { productRoutes } from './routes/products.ts';
import { ProductEntity, StockMovementEntity } from './store/entities.ts';
import { createEntryCache } from './store/entry-cache.ts';
import { migrations } from './store/migrations.ts';
import { createProductStore } from './store/products.ts';

/** Builds the service with its database open and up to date; broker and cache connect when they are there. */
export async function buildApp(config: Config, logger: Logger, signal: AbortSignal): Promise<Service> {
  const database = await openDatabase({
    url: withPassword(config.DATABASE_URL, config.DATABASE_PASSWORD_FILE),
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [ProductEntity, StockMovementEntity],
    migrations,
    applicationName: 'products',
    logger,
    signal,
  });
  const service = await createService({
    name: 'products',
    description: 'Catalogue and stock',
    version: '0.1.0',
    edgeAuth: config.MESH_EDGE_AUTH === '1',
    logger,
  });
  // Fastify closes in the reverse order: consumer, relay, broker, cache, database.
  service.addHook('onClose', () => database.close());

  const cache = createEntryCache(withPassword(config.REDIS_URL, config.REDIS_PASSWORD_FILE), logger);
  service.addHook('onClose', () => cache.close());

  const broker = createBroker({
    url: withPassword(config.AMQP_URL, config.AMQP_PASSWORD_FILE),
    connectionName: 'products',
    logger,
  });
  service.addHook('onClose', () => broker.close());

  const relay = startRelay({ sql: database.sql, broker, logger });
  service.addHook('onClose', () => relay.close());
  const retries = serveRetries({ service: 'products', sql: database.sql, broker, logger, wake: relay.wake });
  service.addHook('onClose', () => retries.close());

  const consumer = startConsumer({
    broker,
    queue: eventRoute('ORDER_CREATED').queue,
    sql: database.sql,
    logger,
    handlers: { ORDER_CREATED: orderCreatedHandler },
    // One transaction at a time: while it runs, the orders behind it gather, and go together in the next.
    concurrency: 1,
    batchSize: 100,
    afterCommit: relay.wake,
  });
  service.addHook('onClose', () => consumer.close());

  await service.register(pressure, { poolWaitMs: database.poolWaitMs });
  await service.register(health, {
    service: 'products',
    database: database.ping,
    optional: {
      broker: () => broker.connected,
      publisher: () => relay.problem === undefined,
      consumer: consumer.well,
      cache: cache.ready,
    },
  });
  const catalogue = createCatalogue({ store: createProductStore(database), cache, countLookups });
  await service.register(productRoutes, { catalogue });
  return service;
}
