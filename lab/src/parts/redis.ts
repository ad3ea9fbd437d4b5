/** Redis: the catalogue's cache. It keeps nothing on disk and forgets what was used least when it is full. */
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Address } from '@microshop/topology';
import type { Part } from '../runner/part.ts';
import { hostPort } from './bound-ports.ts';
import { baseEnvironment, dataDirectory, type MeshContext } from './context.ts';

/** The part `redis`. */
export function redisPart(mesh: MeshContext): Part {
  const address = mesh.placement.redis;
  const data = dataDirectory(mesh, 'redis');
  return {
    name: 'redis',
    kind: 'server',
    dependsOn: [],
    ports: [hostPort(address, 'redis')],
    prepare: async () => {
      await mesh.tool('redis');
      await mkdir(data, { recursive: true });
    },
    process: async () => {
      const settings: [string, string][] = [
        ['--bind', address.host],
        ['--port', String(address.port)],
        ['--dir', data],
        ['--save', ''],
        ['--appendonly', 'no'],
        ['--maxmemory', '64mb'],
        ['--maxmemory-policy', 'allkeys-lru'],
      ];
      return {
        file: (await mesh.tool('redis')).path,
        args: settings.flat(),
        env: baseEnvironment(mesh),
        cwd: data,
      };
    },
    healthy: async (signal) => (await inline(address, 'PING', signal)).startsWith('+PONG'),
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
