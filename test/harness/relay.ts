/**
 * The inside of a mesh in containers, reached from the host: a container of the project, on its network `mesh`, passes
 * connections on, byte by byte, so that a test speaks TLS with the pod itself. Nothing of the project publishes these ports.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Address } from '@microshop/topology';
import { root } from './command.ts';
import { dockerDone } from './docker.ts';

/** Listens at port 20001 and up, one for each target. It ends with its standard input: none outlives its test. */
const program = `
  const { connect, createServer } = require('node:net');
  const listening = process.argv.slice(1).map((target, index) => {
    const [host, port] = target.split(':');
    const server = createServer((near) => {
      const far = connect({ host, port: Number(port) });
      near.pipe(far).pipe(near);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    return new Promise((resolve) => server.listen(20001 + index, '0.0.0.0', resolve));
  });
  Promise.all(listening).then(() => console.log('listening'));
  process.stdin.on('end', () => process.exit()).resume();`;

/** Passes connections on. */
export interface Relay {
  /** Where the host reaches each target, in their order. */
  readonly addresses: readonly Address[];
  close(): Promise<void>;
}

/** Starts a relay to those addresses of the network `mesh`. */
export async function startRelay(targets: readonly Address[]): Promise<Relay> {
  const name = `mesh-relay-${randomUUID()}`;
  const ports = targets.map((_, index) => 20_001 + index);
  const args = [
    ...['compose', 'run', '--rm', '-T', '--no-deps', '--name', name, '--entrypoint', 'node'],
    ...ports.flatMap((port) => ['--publish', `127.0.0.1::${port}`]),
    ...['mesh', '-e', program, ...targets.map(({ host, port }) => `${host}:${port}`)],
  ];
  const child = spawn('docker', args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  await Promise.race([
    once(lines, 'line'),
    gone.then(() => {
      throw new Error('The relay ended before it listened');
    }),
  ]);
  const addresses = await Promise.all(
    ports.map(async (port) => {
      const { hostname, port: published } = new URL(
        `tcp://${(await dockerDone(['port', name, `${port}/tcp`])).trim()}`,
      );
      return { host: hostname, port: Number(published) };
    }),
  );
  return {
    addresses,
    async close() {
      child.stdin.end();
      await gone;
    },
  };
}
