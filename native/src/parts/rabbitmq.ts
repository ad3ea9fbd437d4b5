/**
 * RabbitMQ: everything it writes, its node name and its Erlang ports are this mesh's own; and Erlang's port mapper
 * daemon (epmd), which the first Erlang VM of a port starts and none ends.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  brokerPlugins,
  brokerSettings,
  brokerUser,
  brokerVmArguments,
} from '@microshop/deploy/settings/rabbitmq';
import { messageOf } from '@microshop/program-kit/errors';
import { type Address, portOf } from '@microshop/topology';
import { connect } from 'amqplib';
import type { Impairment, Part } from '../supervision/part.ts';
import { run } from '../tools/programs.ts';
import {
  afterPasswords,
  baseEnvironment,
  configDirectory,
  dataDirectory,
  hostPort,
  type MeshContext,
  readSecret,
} from './context.ts';

/** Limit of the health check's connection, milliseconds. */
const connectTimeoutMs = 5000;

/** The part `rabbitmq`. */
export function rabbitmqPart(mesh: MeshContext): Part {
  const { placement } = mesh;
  const { amqp, management, metrics } = placement.rabbitmq;
  const data = dataDirectory(mesh, 'rabbitmq');
  const config = path.join(configDirectory(mesh), 'rabbitmq');
  const local = (name: 'rabbitmq_distribution' | 'epmd') => ({
    host: '127.0.0.1',
    port: portOf(name, placement.instance, mesh.env ?? process.env),
  });
  const distribution = local('rabbitmq_distribution');
  const epmd = local('epmd');
  const env: Record<string, string> = {
    ...baseEnvironment(mesh),
    // Erlang keeps its cookie here
    HOME: data,
    RABBITMQ_NODENAME: `mesh${placement.instance}@localhost`,
    RABBITMQ_MNESIA_BASE: path.join(data, 'mnesia'),
    RABBITMQ_LOG_BASE: path.join(data, 'log'),
    RABBITMQ_CONFIG_FILE: path.join(config, 'rabbitmq.conf'),
    // without these two the machine's own /etc/rabbitmq would be read as well
    RABBITMQ_CONFIG_FILES: path.join(config, 'conf.d'),
    RABBITMQ_ADVANCED_CONFIG_FILE: path.join(config, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(config, 'enabled_plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_DIST_PORT: String(distribution.port),
    ERL_EPMD_PORT: String(epmd.port),
    ERL_EPMD_ADDRESS: epmd.host,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${brokerVmArguments}`,
    // the VM ignores SIGINT, which a terminal sends to the whole group
    RABBITMQ_SERVER_START_ARGS: '+B i',
    // The start script then replaces itself by the VM instead of waiting for it: the pid is the server's, and
    // signals reach it. The VM takes SIGTERM as an ordered stop.
    RUNNING_UNDER_SYSTEMD: 'true',
  };

  const broker = async () => path.join(path.dirname((await mesh.tool('rabbitmq')).path), 'rabbitmqctl');

  return {
    name: 'rabbitmq',
    kind: 'server',
    dependsOn: afterPasswords(mesh, ['rabbitmq']),
    ports: [
      hostPort(amqp, 'rabbitmq'),
      hostPort(management, 'rabbitmq_management'),
      hostPort(metrics, 'rabbitmq_metrics'),
      hostPort(distribution, 'rabbitmq_distribution'),
      hostPort(epmd, 'epmd', "rabbitmq's epmd"),
    ],
    prepare: async () => {
      await mesh.tool('rabbitmq');
      const password = await readSecret(mesh, 'rabbitmq');
      await mkdir(data, { recursive: true });
      await mkdir(path.join(config, 'conf.d'), { recursive: true });
      await writeFile(path.join(config, 'advanced.config'), '[].\n');
      await writeFile(path.join(config, 'enabled_plugins'), brokerPlugins);
      await writeFile(path.join(config, 'rabbitmq.conf'), brokerSettings(placement.rabbitmq, password), {
        mode: 0o600,
      });
    },
    process: async () => ({
      file: (await mesh.tool('rabbitmq')).path,
      args: [],
      env,
      cwd: data,
    }),
    healthy: async () => {
      const password = await readSecret(mesh, 'rabbitmq');
      const connection = await connect(
        { hostname: amqp.host, port: amqp.port, username: brokerUser, password, vhost: '/' },
        { timeout: connectTimeoutMs },
      );
      // a broker that ends meanwhile must not end this process
      connection.on('error', () => undefined);
      await connection.close();
      return true;
    },
    // 6 s is usual: the plugins that answer HTTP take 5 s to end
    stopTimeoutMs: 20_000,
    impairments: {
      'memory-alarm': memoryAlarm(async (args) => await run(await broker(), args, { env, cwd: data })),
    },
    // the VM starts epmd as a daemon of its own session and leaves it behind
    afterStop: () => endEpmd(epmd, env),
  };
}

/** RabbitMQ's own share of the machine's memory above which it takes no more messages. */
const usualWatermark = '0.4';

/**
 * The broker believes that it is short of memory: it reads nothing more from connections that publish, and goes on delivering.
 * Its configuration is not changed, so a restart ends it. `broker` runs `rabbitmqctl`.
 */
function memoryAlarm(broker: (args: readonly string[]) => Promise<string>): Impairment {
  const watermark = async (...value: string[]) =>
    void (await broker(['set_vm_memory_high_watermark', ...value]));
  return {
    begin: () => watermark('absolute', '1'),
    end: () => watermark(usualWatermark),
    async seen() {
      const alarms = await broker(['eval', 'rabbit_alarm:get_alarms().']);
      const connections = await broker(['-q', 'list_connections', '--no-table-headers', 'state']);
      return {
        in_effect: alarms.includes('memory'),
        hits: connections.split('\n').filter((state) => /^block(ed|ing)/.test(state)).length,
        counted: 'connections were blocked',
      };
    },
  };
}

/** Time epmd has to notice that its last VM is gone, milliseconds. */
const patienceMs = 5000;

/**
 * Ends the epmd on that port, if there is one. epmd refuses while a VM is registered, so one that serves somebody
 * else's VM stays. Throws when it is still there after five seconds.
 */
export async function endEpmd(address: Address, env: Record<string, string>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (await listens(address)) {
    const said = await run('epmd', ['-port', String(address.port), '-kill'], { env }).catch(messageOf);
    if (performance.now() > deadline) {
      throw new Error(`epmd on port ${address.port} does not end: ${said.trim()}`);
    }
    await delay(100);
  }
}

function listens(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ ...address });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
