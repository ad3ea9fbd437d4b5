/** Policies of the running mesh are written for another one, and somebody's are applied here. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { unfolded } from '../harness/command.ts';
import { command, resetPolicies, shownPolicy, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';

before(resetPolicies);
after(resetPolicies);

/** Prints the export and the loss report. */
async function exported(target: string): Promise<{ text: string; report: LossReport }> {
  const { code, stdout, stderr } = await mesh.cli(['policy', 'export', '--for', target]);
  assert.equal(code, 0, stderr);
  const report: LossReport = JSON.parse(stderr);
  return { text: stdout, report };
}

interface LossReport {
  readonly for: string;
  readonly losses: readonly {
    readonly kind: string;
    readonly name: string;
    readonly where: readonly object[];
  }[];
  readonly assumes: readonly string[];
}

const edge = ['orders', 'products'] as const;

test('what is in effect is written for each mesh, with a report of what is lost', async () => {
  await command('policy', 'set', ...edge, '--timeout', '2900ms', '--max-requests', '77');
  await withFaults([{ service: 'products', abort: 503, percent: 1 }], async () => {
    for (const target of ['istio', 'gateway-api', 'envoy']) {
      const { text, report } = await exported(target);
      assert.equal(report.for, target);
      assert.match(text, target === 'envoy' ? /timeout: 2\.9s/ : /: 2s900ms/);
      assert.equal(text.includes('77'), target !== 'gateway-api', target);
      const fault = report.losses.find(({ kind }) => kind === 'fault');
      assert.deepEqual(fault?.where, [{ caller: null, callee: 'products', value: '1 % answered 503' }]);
    }
  });
});

test('an export is imported: applied, it changes nothing; exported again, it is the same', async () => {
  const { text } = await exported('istio');
  const { code, stdout: file, stderr } = await mesh.cli(['policy', 'import', '-'], text);
  assert.equal(code, 0, stderr);
  assert.match(unfolded(stderr), /\(PeerAuthentication default\): every call here has mutual TLS/);
  const applied = await mesh.cli(['policy', 'apply', '-', '--json'], file);
  assert.deepEqual(JSON.parse(applied.stdout).differences, []);
  await resetPolicies();
  assert.equal((await mesh.cli(['policy', 'apply', '-'], file)).code, 0);
  const { timeout_ms: timeout, max_requests: most } = (await shownPolicy(...edge)).policy;
  assert.deepEqual([timeout, most], [2900, 77]);
  assert.equal((await exported('istio')).text, text);
});

const route = (timeout: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalogue}
spec:
  hosts: [catalogue]
  http:
    - route: [{destination: {host: catalogue}}]
      timeout: ${timeout}
      retries: {attempts: 1, perTryTimeout: 1s, retryOn: 5xx}
      fault: {abort: {httpStatus: 500, percentage: {value: 1}}}
`;

test("somebody's policy is taken over for a service here; what has no equal is named", async () => {
  await resetPolicies();
  const args = ['policy', 'import', '-', '--as', 'products=catalogue'];
  const { code, stdout, stderr } = await mesh.cli(args, route('2500ms'));
  assert.equal(code, 0, stderr);
  assert.match(
    unfolded(stderr),
    /^Standard input, document 1 \(VirtualService catalogue\), spec\.http\[0\]\.fault: .*mesh fault set/,
  );
  assert.equal((await mesh.cli(['policy', 'apply', '-'], stdout)).code, 0);
  assert.deepEqual((await shownPolicy(...edge)).changed, {
    tries: 3,
    timeout_ms: 3000,
    per_try_timeout_ms: 900,
    retry_on: 'gateway-error,connect-failure,refused-stream,reset,retriable-headers',
  });
});

test('limits that do not nest are refused with the sentence of the mesh, exit code 1', async () => {
  await resetPolicies();
  const args = ['policy', 'import', '-', '--as', 'products=catalogue'];
  const { code, stdout, stderr } = await mesh.cli(args, route('2s'));
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(
    unfolded(stderr),
    /mesh: Standard input: orders → products: 2 attempts of 1000 ms with their back-offs \(2075 ms\) must end before timeout_ms \(2000 ms\)$/,
  );
});

test('a host that is no service here is refused with the fix, exit code 2', async () => {
  const { code, stderr } = await mesh.cli(['policy', 'import', '-'], route('2s'));
  assert.equal(code, 2);
  assert.match(unfolded(stderr), /is "catalogue", which is not a service here; .* --as <service>=catalogue$/);
});

test('options that do not go together are refused', async () => {
  for (const [args, says] of [
    [['--for', 'linkerd'], /^mesh: --for must be one of istio, gateway-api, envoy, not "linkerd"$/],
    [['--loss', 'loss.json'], /^mesh: --loss goes with --for/],
    [['--for', 'istio', '--namespace', 'Shop'], /^mesh: --namespace must be 1 to 63 lowercase letters/],
  ] as const) {
    const { code, stderr } = await mesh.cli(['policy', 'export', ...args]);
    assert.equal(code, 2);
    assert.match(unfolded(stderr), says);
  }
});
