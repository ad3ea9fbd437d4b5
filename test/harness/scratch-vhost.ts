/** A virtual host of a test's own on the mesh's real RabbitMQ, with a user of its own: to be broken in every way. */
import { randomUUID } from 'node:crypto';
import { type Broker, createBroker } from '@microshop/events';
import { type ConfirmChannel, connect } from 'amqplib';
import { mesh } from './mesh.ts';
import { quiet } from './scratch.ts';

/** What a user may do, as regular expressions of names. */
export interface Rights {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** Every right. */
export const allRights: Rights = { configure: '.*', write: '.*', read: '.*' };

/** A virtual host. */
export interface ScratchVhost {
  /** A client as services have one, as the user of this host; its frames are no larger than that, bytes. */
  broker(frameMax?: number): Broker;
  /** Runs the work on a channel of the mesh's own user, who may do everything. */
  onChannel<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T>;
  /** Deletes the host with all that is in it; its user stays. */
  removeHost(): Promise<void>;
  /** Makes it (again), empty. */
  makeHost(): Promise<void>;
  setRights(rights: Rights): Promise<void>;
  setPassword(password?: string): Promise<void>;
  removeUser(): Promise<void>;
  /** Makes the user (again), with all rights. */
  makeUser(): Promise<void>;
  /** Limits of the host, such as `max-connections`; -1 is none. */
  setLimit(name: 'max-connections' | 'max-queues', value: number): Promise<void>;
  /** Settings of every queue. */
  setPolicy(definition: Readonly<Record<string, unknown>>): Promise<void>;
  removePolicy(): Promise<void>;
  /** Closes the user's connections, as an operator does: rights are read again only on new connections. */
  closeConnections(): Promise<void>;
  remove(): Promise<void>;
}

/** Asks RabbitMQ's management API as the user of the mesh; resolves with what it answers. Throws when it refuses. */
export async function brokerCall(method: string, path: string, body?: unknown): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`shop:${await mesh.secret('rabbitmq')}`).toString('base64')}`;
  const response = await fetch(new URL(`/api/${path}`, mesh.brokerManagement), {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Makes one. */
export async function scratchVhost(): Promise<ScratchVhost> {
  const name = `scratch-${randomUUID()}`;
  const ownPassword = randomUUID();
  const adminPassword = await mesh.secret('rabbitmq');

  const addressOf = (user: string, password: string) => {
    const url = new URL(mesh.amqp);
    url.username = user;
    url.password = password;
    url.pathname = `/${name}`;
    return url.href;
  };
  const setRights = (rights: Rights, user = name) =>
    brokerCall('PUT', `permissions/${name}/${user}`, rights).then(() => undefined);
  const setPassword = async (password = ownPassword) => {
    await brokerCall('PUT', `users/${name}`, { password, tags: '' });
  };

  const vhost: ScratchVhost = {
    broker(frameMax) {
      const url = new URL(addressOf(name, ownPassword));
      if (frameMax !== undefined) url.searchParams.set('frameMax', String(frameMax));
      return createBroker({ url: url.href, connectionName: name, logger: quiet });
    },
    async onChannel(work) {
      const connection = await connect(addressOf('shop', adminPassword));
      connection.on('error', () => undefined);
      try {
        return await work(await connection.createConfirmChannel());
      } finally {
        await connection.close();
      }
    },
    removeHost: async () => void (await brokerCall('DELETE', `vhosts/${name}`)),
    async makeHost() {
      await brokerCall('PUT', `vhosts/${name}`);
      await setRights(allRights, 'shop');
      await setRights(allRights);
    },
    setRights: (rights) => setRights(rights),
    setPassword,
    removeUser: async () => void (await brokerCall('DELETE', `users/${name}`)),
    async makeUser() {
      await setPassword();
      await setRights(allRights);
    },
    setLimit: async (limit, value) =>
      void (await brokerCall('PUT', `vhost-limits/${name}/${limit}`, { value })),
    setPolicy: async (definition) =>
      void (await brokerCall('PUT', `policies/${name}/all`, {
        pattern: '.*',
        definition,
        'apply-to': 'queues',
      })),
    removePolicy: async () => void (await brokerCall('DELETE', `policies/${name}/all`)),
    closeConnections: async () => void (await brokerCall('DELETE', `connections/username/${name}`)),
    async remove() {
      await vhost.removeHost();
      await vhost.removeUser();
    },
  };
  await setPassword();
  await vhost.makeHost();
  return vhost;
}
