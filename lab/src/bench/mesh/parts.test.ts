import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import type { Part } from '@microshop/native/supervision/part';
import { meshPaths } from '@microshop/program-kit/run-directory';
import { dynamicDirectory, nativePlacement } from '@microshop/topology';
import { type Setup, usual } from '../setup.ts';
import { partsAlone, withoutTelemetry } from './alone.ts';
import { edited, writeEdited } from './edited-files.ts';
import { changedParts, withWorkers } from './parts.ts';
import { plain } from './plain.ts';
import { untraced } from './untraced.ts';

const placement = nativePlacement({ instance: 5 });
const paths = meshPaths('/nowhere');

const envoy: Part = {
  name: 'gateway',
  kind: 'gateway',
  dependsOn: [],
  ports: [],
  process: () => ({ file: 'envoy', args: ['--concurrency', '2', '--more', '1'], env: {}, cwd: '/mesh' }),
  healthy: async () => true,
  stopTimeoutMs: 1,
};

test('the services get their environment, and nothing else changes', async () => {
  const parts = partsWithoutTools(placement);
  const services = { OTEL_SDK_DISABLED: 'true' };
  const changed = changedParts(parts, { ...usual, services }, placement, paths);
  for (const [index, part] of changed.entries()) {
    const before = parts[index];
    assert.equal(part.name, before?.name);
    if (part.kind === 'app') {
      const { env } = (await before?.process()) ?? assert.fail(part.name);
      assert.deepEqual((await part.process()).env, { ...env, ...services });
    }
  }
  assert.equal(changed.filter(({ kind }) => kind === 'app').length, 3);
});

test('the Envoys get their number of threads', async () => {
  const [changed] = changedParts([envoy], { ...usual, envoyWorkers: 7 }, placement, paths);
  const process = await changed?.process();
  assert.deepEqual(process?.args, ['--concurrency', '7', '--more', '1']);
  assert.equal(process?.cwd, '/mesh');
  const [same] = changedParts([envoy], usual, placement, paths);
  assert.deepEqual((await same?.process())?.args, (await envoy.process()).args);
  assert.throws(() => withWorkers(['--config-path', 'x'], 1), /without --concurrency/);
});

/** The directory in which the gateway is started with that change of the mesh, and what it watches there. */
async function editedGateway(t: TestContext, change: Partial<Setup>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'edited-'));
  t.after(() => rm(directory, { recursive: true }));
  const mesh = meshPaths(directory);
  const [changed] = changedParts([envoy], { ...usual, ...change }, placement, mesh);
  await changed?.prepare?.();
  const cwd = (await changed?.process())?.cwd ?? assert.fail('it has no directory');
  const read = (name: string) => readFile(path.join(cwd, dynamicDirectory, name), 'utf8');
  return { mesh, cwd, read };
}

test('Envoys without tracing read other files, none of which traces, beside the same certificates', async (t) => {
  const { mesh, cwd, read } = await editedGateway(t, { envoyTracing: false });
  assert.deepEqual((await readdir(path.join(cwd, dynamicDirectory))).sort(), [
    'gateway',
    'orders-sidecar',
    'products-sidecar',
    'users-sidecar',
  ]);
  const listeners = await read('gateway/listeners.yaml');
  assert.match(listeners, /HttpConnectionManager/);
  assert.doesNotMatch(listeners, /"tracing"|OpenTelemetryConfig/);
  assert.match(await read('gateway/clusters.yaml'), /UpstreamTlsContext/);
  assert.equal(await readlink(path.join(cwd, path.basename(mesh.certificates))), mesh.certificates);
  // a second start of the same mesh
  await writeEdited(placement, cwd, [untraced]);
});

test('Envoys without mutual TLS neither show nor ask for a certificate, and still trace', async (t) => {
  const { read } = await editedGateway(t, { mutualTls: false });
  for (const name of [
    'gateway/clusters.yaml',
    'orders-sidecar/clusters.yaml',
    'orders-sidecar/listeners.yaml',
  ]) {
    assert.doesNotMatch(await read(name), /TlsContext|"authenticated"/, name);
  }
  const listeners = await read('orders-sidecar/listeners.yaml');
  assert.match(listeners, /OpenTelemetryConfig/);
  // who may call is still asked, by the name in the header
  assert.match(listeners, /RBAC/);
});

test('only the tracing of connection managers is taken, and is counted', () => {
  const manager = { '@type': 'type.googleapis.com/x.HttpConnectionManager', tracing: { a: 1 }, stat: 'x' };
  const { value, taken } = edited({ list: [manager, { tracing: 1 }], tracing: null }, untraced);
  assert.equal(taken, 1);
  const { tracing: _, ...rest } = manager;
  assert.deepEqual(value, { list: [rest, { tracing: 1 }], tracing: null });
});

test('of mutual TLS the sockets go, and of a rule what asks for a certificate', () => {
  const header = { header: { name: 'x-mesh-caller' } };
  const rule = { ids: [{ authenticated: { principal_name: { exact: 'a' } } }, header] };
  const { value, taken } = edited({ chain: { transport_socket: { name: 'tls' }, filters: [rule] } }, plain);
  assert.equal(taken, 2);
  assert.deepEqual(value, { chain: { filters: [{ ids: [header] }] } });
  assert.equal(edited({ ids: [header] }, plain).taken, 0);
});

test('an edit that finds nothing in an Envoy is refused: both sides would be the same', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'edited-'));
  t.after(() => rm(directory, { recursive: true }));
  const nothing = { takes: 'rate limit', without: <T>(one: T) => one };
  await assert.rejects(
    writeEdited(placement, directory, [nothing]),
    /gateway has no rate limit to leave out/,
  );
});

test('bare: no Envoy, no server of telemetry, and nothing of either in what the services are started with', async () => {
  const parts = partsAlone(partsWithoutTools(placement), 'bare', placement);
  const names = parts.map(({ name }) => name).sort();
  assert.deepEqual(names, ['orders', 'postgres', 'products', 'rabbitmq', 'redis', 'users']);
  for (const { name, dependsOn } of parts) {
    assert.ok(
      dependsOn.every((one) => names.includes(one)),
      `${name} waits for ${dependsOn}`,
    );
  }
  for (const part of parts.filter(({ kind }) => kind === 'app')) {
    const { args, env } = await part.process();
    assert.equal(args.length, 1, part.name);
    const left = Object.keys(env).filter((name) => /^OTEL_|^MESH_OUTBOUND/.test(name));
    assert.deepEqual(left, [], part.name);
  }
  const { env } = (await parts.find(({ name }) => name === 'orders')?.process()) ?? assert.fail();
  assert.equal(env['MESH_PEER_URLS'], 'users=http://127.0.4.11:3000,products=http://127.0.4.12:3000');
  assert.throws(() => withoutTelemetry({ file: 'node', args: ['main.ts'], env: {} }), /without --import/);
});

test('without sidecars the services still trace, to the same Jaeger', async () => {
  const parts = partsAlone(partsWithoutTools(placement), 'no sidecars', placement);
  assert.ok(parts.some(({ name }) => name === 'jaeger'));
  const orders = await parts.find(({ name }) => name === 'orders')?.process();
  assert.equal(orders?.args[0], '--import');
  assert.match(orders?.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '', /^http/);
  assert.ok(!parts.some(({ kind }) => kind === 'sidecar' || kind === 'gateway' || kind === 'control'));
});
