/**
 * What a command says of a cluster that refuses. An API server is more than a test of units starts: here one answers as it does,
 * word for word; the group `kubernetes` meets the real one.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import { kubeconfig } from './testing/kubeconfig.ts';

/** An answer: its status and its body. */
type Answer = readonly [status: number, body: unknown];

const refusal = (code: number, reason: string, message: string): Answer => [
  code,
  { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
];
const list = (...items: readonly unknown[]): Answer => [200, { kind: 'List', metadata: {}, items }];

/** Runs the command with a cluster that answers so, by the end of the path; what it said, on one line. */
async function against(t: TestContext, args: readonly string[], answers: Readonly<Record<string, Answer>>) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://cluster');
    const [, answer] = Object.entries(answers).find(([end]) => pathname.endsWith(end)) ?? [];
    const [status, body] = answer ?? refusal(404, 'NotFound', `${pathname} is not answered in this test`);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return await having(t, `http://127.0.0.1:${address.port}`, args);
}

/** The same with a cluster at that address. */
async function having(t: TestContext, cluster: string, args: readonly string[]) {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-cluster-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'config');
  await writeFile(file, kubeconfig(cluster, ['lab'], 'shop'));
  const { exitCode, stdout, stderr } = await execa('./mesh', ['--context', 'lab', ...args], {
    cwd: repositoryRoot,
    env: { KUBECONFIG: file, MESH_DEBUG: '1' },
    stdin: 'ignore',
    reject: false,
    timeout: 30_000,
  });
  const said = `${stdout}${stderr}`;
  assert.doesNotMatch(said, /secret-of-the-kubeconfig/);
  return { exitCode, said: said.replaceAll(/\s+/g, ' ').trim() };
}

const nothing = { '/pods': list(), '/deployments': list(), '/statefulsets': list() };

/** A pod of the chart. */
const pod = (status: object) => ({
  metadata: { name: 'control-0', labels: { 'app.kubernetes.io/name': 'control' } },
  spec: { containers: [{ name: 'control' }] },
  status,
});
const unpulled = pod({
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'control', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } },
  ],
});

test('a namespace that there is not is wrong usage', async (t) => {
  const missing = { '/namespaces/shop': refusal(404, 'NotFound', 'namespaces "shop" not found') };
  const { exitCode, said } = await against(t, ['status'], { ...nothing, ...missing });
  assert.equal(exitCode, 2, said);
  assert.match(said, /^mesh: There is no namespace "shop" in the cluster of context lab; --namespace names/);
});

test('a namespace without the chart names what installs it', async (t) => {
  const { exitCode, said } = await against(t, ['order'], { ...nothing, '/namespaces/shop': [200, {}] });
  assert.equal(exitCode, 1, said);
  assert.match(
    said,
    /^mesh: No release of the chart is in namespace shop of context lab; .* helm --kube-context lab install shop deploy\/helm\/microshop --wait installs it there/,
  );
});

test('an audit of nothing proves nothing', async (t) => {
  const { exitCode, said } = await against(t, ['audit'], { ...nothing, '/namespaces/shop': [200, {}] });
  assert.equal(exitCode, 3, said);
  assert.match(said, /^mesh: The audit cannot tell: No release of the chart/);
});

test('a right that is missing is named, as the API server names it', async (t) => {
  const message = 'pods is forbidden: User "jane" cannot list resource "pods" in API group ""';
  const { exitCode, said } = await against(t, ['trace', '1'], {
    '/pods': refusal(403, 'Forbidden', message),
  });
  assert.equal(exitCode, 1, said);
  assert.ok(said.startsWith(`mesh: You may not do that on the cluster of context lab: ${message}`), said);
  assert.match(said, /docs\/kubernetes\.md lists the rights/);
});

test('credentials that do not count are named as such', async (t) => {
  const { exitCode, said } = await against(t, ['status'], {
    '/pods': refusal(401, 'Unauthorized', 'Unauthorized'),
  });
  assert.equal(exitCode, 1, said);
  assert.match(said, /does not accept your credentials; sign in to it again/);
});

test('a pod that does not run is named, with the reason and where to look', async (t) => {
  const { exitCode, said } = await against(t, ['fault', 'list'], { '/pods': list(unpulled) });
  assert.equal(exitCode, 1, said);
  assert.match(
    said,
    /^mesh: control-0 is not ready \(control: ImagePullBackOff\); kubectl --context lab describe pod control-0 shows why/,
  );
});

test('a right to forward that is missing is named although the pod was found', async (t) => {
  const running = pod({
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'control', ready: true, restartCount: 0, state: { running: {} } }],
  });
  const { exitCode, said } = await against(t, ['dlq', 'list'], {
    '/pods': list(running),
    '/portforward': refusal(403, 'Forbidden', 'not read'),
  });
  assert.equal(exitCode, 1, said);
  assert.match(said, /: create pods\/portforward is forbidden in namespace shop of context lab/);
});

test('a cluster that does not answer is named, and why', async (t) => {
  const { exitCode, said } = await having(t, 'http://127.0.0.1:2', ['status']);
  assert.equal(exitCode, 1, said);
  assert.match(said, /^mesh: The cluster of context lab does not answer \(connection refused\)/);
});

test('a context that there is not, and a command that does not work there, are wrong usage', async (t) => {
  const { exitCode, said } = await having(t, 'http://127.0.0.1:1', ['--context', 'other', 'status']);
  assert.equal(exitCode, 2, said);
  assert.match(said, /^mesh: The kubeconfig has no context "other"; its contexts are lab/);
  const refused = await having(t, 'http://127.0.0.1:1', ['restart', 'users']);
  assert.equal(refused.exitCode, 2, refused.said);
  assert.match(refused.said, /kubectl --context lab rollout restart deployment <name>/);
});
