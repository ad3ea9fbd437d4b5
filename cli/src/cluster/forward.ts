/**
 * A way from this machine to a part of the shop: a port on the loopback address whose connections end in a pod of the part, each
 * through a port-forward of its own. So it is opened with the first connection, and a pod that has gone is replaced by the
 * next one.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Connection } from './connection.ts';
import { ClusterError, clusterError, kubectl } from './errors.ts';
import { nobodyOf, podsIn } from './shop.ts';

/** The way. */
export interface Forward {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Why the last connection did not reach a pod; undefined when it did. */
  problem(): ClusterError | undefined;
  /** Ends it with its connections. */
  close(): void;
}

/** What carries one connection. */
interface Carrier {
  on(event: 'close', listener: () => void): unknown;
  terminate(): void;
}

/** The pod to ask: one that is ready, else one that runs. Throws `ClusterError` where there is none. */
async function podOf(part: string, connection: Connection): Promise<string> {
  const pods = await podsIn(connection, part);
  const pod = pods.find(({ ready }) => ready) ?? pods.find(({ runs, ending }) => runs && !ending);
  if (pod === undefined) throw nobodyOf(part, pods, connection);
  return pod.name;
}

/** Opens the way to that port of the pods of a part. */
export async function openForward(part: string, port: number, connection: Connection): Promise<Forward> {
  const forwarder = new connection.client.PortForward(connection.config);
  const open = new Set<Socket>();
  let pod: string | undefined;
  let problem: ClusterError | undefined;

  /** Carries a connection to the pod of before, or to another one when that has gone. Throws `ClusterError`. */
  async function carry(socket: Socket): Promise<Carrier> {
    // how the node reports a port that it cannot reach
    const refused = new Writable({
      write(chunk, _encoding, done) {
        // the first entry names the port; it is removed
        if (chunk.length === 0) return done();
        const text = String(chunk);
        const [, why = text.trim()] = /connect: (.+?)(?: IPv6|$)/s.exec(text) ?? [];
        problem = new ClusterError(
          `${part} does not answer at its port ${port} (${why}); ${kubectl('get pods')} shows whether it is ready`,
        );
        socket.destroy();
        done();
      },
    });
    problem = undefined;
    for (const last of [false, true]) {
      pod ??= await podOf(part, connection);
      try {
        const carrier = await forwarder.portForward(
          connection.namespace,
          pod,
          [port],
          socket,
          refused,
          socket,
        );
        if (typeof carrier === 'function') throw new Error('The client would open it again by itself');
        return carrier;
      } catch (error) {
        pod = undefined;
        if (last) throw clusterError(error, 'create pods/portforward', connection);
      }
    }
    throw new Error('There is a last attempt');
  }

  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    carry(socket).then(
      (carrier) => {
        carrier.on('close', () => {
          // its pod may be gone by now
          pod = undefined;
          socket.destroy();
        });
        socket.on('close', () => carrier.terminate());
        if (socket.destroyed) carrier.terminate();
      },
      (error: unknown) => {
        problem = error instanceof ClusterError ? error : clusterError(error, 'forward', connection);
        socket.destroy();
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A server without a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    problem: () => problem,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
