/** Redis: the catalogue's cache. It keeps nothing on disk and forgets what was used least when it is full. */
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { redisSettings } from '@microshop/deploy/settings/redis';
import type { Address } from '@microshop/topology';
import type { Part } from '../supervision/part.ts';
import {
  afterPasswords,
  baseEnvironment,
  dataDirectory,
  hostPort,
  type MeshContext,
  readSecret,
} from './context.ts';

/** The part `redis`. */
export function redisPart(mesh: MeshContext): Part {
  const address = mesh.placement.redis;
  const data = dataDirectory(mesh, 'redis');
  const configuration = path.join(data, 'redis.conf');
  const password = () => readSecret(mesh, 'redis');
  return {
    name: 'redis',
    kind: 'server',
    dependsOn: afterPasswords(mesh, ['redis']),
    ports: [hostPort(address, 'redis')],
    prepare: async () => {
      await mesh.tool('redis');
      await mkdir(data, { recursive: true, mode: 0o700 });
      // it holds the password: a command line is visible to every user of this machine
      await writeFile(configuration, redisSettings(address, data, await password()), { mode: 0o600 });
    },
    process: async () => ({
      file: (await mesh.tool('redis')).path,
      args: [configuration],
      env: baseEnvironment(mesh),
      cwd: data,
    }),
    // it answers clients that know the password
    healthy: async (signal) => (await inline(address, `AUTH ${await password()}`, signal)).startsWith('+OK'),
    stopTimeoutMs: 5000,
  };
}

/** First bytes Redis answers to an inline command. */
function inline(address: Address, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, signal });
    socket.setEncoding('utf8');
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('Redis closed the connection without an answer')));
    socket.once('data', (answer: string) => {
      resolve(answer);
      socket.destroy();
    });
    socket.write(`${command}\r\n`);
  });
}
