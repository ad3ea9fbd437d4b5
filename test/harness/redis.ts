/** The cache as any client of Redis sees it. */
import { instanceNumber, portOf } from '@microshop/topology';
import { Redis } from 'ioredis';
import { mesh } from './mesh.ts';

/** A connection to the mesh's Redis; the caller disconnects. */
export async function openRedis(): Promise<Redis> {
  const port = portOf('redis', mesh.mode === 'compose' ? 1 : instanceNumber());
  const redis = new Redis({ host: '127.0.0.1', port, password: await mesh.secret('redis') });
  // a test may stop Redis, and an error without a listener is printed; commands tell what they need
  redis.on('error', () => undefined);
  return redis;
}
