/** The users service: accounts and logins. */
import { openDatabase } from '@microshop/database';
import { createService, health, pressure, type Service, withPassword } from '@microshop/service-kit';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from './config.ts';
import { createPasswords } from './domain/password.ts';
import type { Tokens } from './domain/tokens.ts';
import { userRoutes } from './routes/users.ts';
import { UserEntity } from './store/entities.ts';
import { migrations } from './store/migrations.ts';
import { createUserStore } from './store/users.ts';

/** Builds the service with its database open and up to date. */
export async function buildApp(
  config: Config,
  logger: FastifyBaseLogger,
  signal: AbortSignal,
): Promise<Service> {
  const database = await openDatabase({
    url: withPassword(config.DATABASE_URL, config.DATABASE_PASSWORD_FILE),
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [UserEntity],
    migrations,
    applicationName: 'users',
    logger,
    signal,
  });
  const service = await createService({
    name: 'users',
    description: 'Accounts and logins',
    version: '0.1.0',
    edgeAuth: config.MESH_EDGE_AUTH === '1',
    logger,
  });
  service.addHook('onClose', () => database.close());
  await service.register(pressure, { poolWaitMs: database.poolWaitMs });
  await service.register(health, { service: 'users', database: database.ping, optional: {} });
  await service.register(userRoutes, {
    users: createUserStore(database),
    passwords: createPasswords(),
    ...(config.MESH_EDGE_AUTH === '1' ? { tokens: await tokensOf(config) } : {}),
  });
  return service;
}

/** Loaded only where clients are authenticated. */
async function tokensOf({ SIGNING_KEYS_FILE: file }: Config): Promise<Tokens> {
  if (file === undefined)
    throw new Error('SIGNING_KEYS_FILE must name the file of the keys that sign tokens');
  const { createTokens } = await import('./domain/tokens.ts');
  return createTokens(file);
}
