import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandName, helpHere, typedHere, worksHere } from '@microshop/program-kit/typed-here';
import { nameCluster } from '../cluster/named.ts';
import { UsageError } from '../output/errors.ts';
import { createProgram, refuseElsewhere } from '../program.ts';
import { allOf, wordsOf } from '../testing/commands.ts';

const lab = { MESH_CONTEXT: 'lab' };
const shop = { MESH_CONTEXT: 'admin@lab', MESH_NAMESPACE: 'shop' };

/** The workload of any part. */
const either = 'deployment <name>, or statefulset <name> for a server and control';

test('what a cluster does itself is refused by name, with the command of kubectl or helm that does it', () => {
  for (const [command, instead] of [
    ['up', 'helm --kube-context lab install shop deploy/helm/microshop --wait'],
    ['down', 'helm --kube-context lab uninstall shop'],
    ['stop', `kubectl --context lab scale --replicas=0 ${either}`],
    ['restart', `kubectl --context lab rollout restart ${either}`],
    ['process', 'kubectl --context lab delete pod <name>'],
    ['tools', 'kubectl --context lab get pods --output wide'],
    ['experiment', './mesh experiment in the checkout, without --context'],
  ] as const) {
    assert.throws(
      () => refuseElsewhere(command, lab),
      new UsageError(`\`${command}\` does not work on a cluster; use: ${instead}`),
    );
  }
  assert.throws(() => refuseElsewhere('certificates', lab), /kubectl --context lab delete pod <name>/);
  assert.throws(
    () => refuseElsewhere('console', shop),
    /kubectl --context admin@lab --namespace shop port-forward .* kubectl --context admin@lab --namespace shop exec /,
  );
});

test('what works in a pod works from outside, but for an address that ends with its command; and so do load and logs', () => {
  const leaves = allOf(createProgram()).filter(({ commands }) => commands.length === 0);
  const working = (env: NodeJS.ProcessEnv) =>
    leaves
      .map((command) => wordsOf(command))
      .filter((words) => words.every((word) => worksHere(word, env)))
      .map((words) => words.join(' '));
  const inPod = working({ MESH_MODE: 'kubernetes' });
  assert.ok(inPod.includes('order') && inPod.includes('fault set'), inPod.join());
  assert.deepEqual(
    working(lab).sort(),
    [...inPod.filter((words) => words !== 'console'), 'load', 'logs'].sort(),
  );
});

test('commands are shown as they are typed for the cluster that is named', () => {
  assert.equal(commandName(lab), './mesh --context lab');
  for (const [text, typed] of [
    ['until ./mesh fault clear', 'until ./mesh --context lab fault clear'],
    ['./mesh logs orders may show why', './mesh --context lab logs orders may show why'],
    ['./mesh start users', 'kubectl --context lab scale --replicas=1 deployment users'],
    ['./mesh start jaeger', 'kubectl --context lab scale --replicas=1 statefulset jaeger'],
    ['(./mesh status)', '(./mesh --context lab status)'],
    ['./mesh fault process users --kill', './mesh fault process users --kill'],
  ] as const) {
    assert.equal(typedHere(text, lab), typed);
    assert.equal(typedHere(typed, lab), typed, 'once is enough');
    assert.equal(helpHere(text, lab), text, 'help speaks of any mesh');
  }
  assert.equal(typedHere('./mesh trace 7', shop), './mesh --context admin@lab --namespace shop trace 7');
  assert.equal(typedHere('./mesh trace 7', { MESH_CONTEXT: 'my lab' }), './mesh --context "my lab" trace 7');
  assert.equal(typedHere('./mesh trace 7', { ...lab, MESH_INSTANCE: '4' }), './mesh --context lab trace 7');
});

test('the options name the cluster for the rest of the process, and need each other', () => {
  const env: NodeJS.ProcessEnv = { MESH_NAMESPACE: 'of-another' };
  nameCluster({ context: 'lab' }, env);
  assert.deepEqual(env, { MESH_CONTEXT: 'lab' }, 'no namespace of another cluster');
  nameCluster({ namespace: 'shop' }, env);
  assert.deepEqual(env, { MESH_CONTEXT: 'lab', MESH_NAMESPACE: 'shop' });
  const none: NodeJS.ProcessEnv = {};
  nameCluster({}, none);
  assert.deepEqual(none, {});
  assert.throws(() => nameCluster({ namespace: 'shop' }, none), /--namespace goes with --context/);
  assert.throws(() => nameCluster({ context: '' }, none), UsageError);
  assert.throws(
    () => nameCluster({ context: 'lab' }, { MESH_MODE: 'compose' }),
    /this container has its own/,
  );
});

/** What the command line says of words that it refuses. */
async function saidOf(words: readonly string[]): Promise<string> {
  const { write } = process.stderr;
  let said = '';
  process.stderr.write = (some) => {
    said += String(some);
    return true;
  };
  try {
    await createProgram().parseAsync([...words], { from: 'user' });
    return assert.fail('it was accepted');
  } catch (error) {
    return `${said}${error instanceof UsageError ? error.message : ''}`;
  } finally {
    process.stderr.write = write;
  }
}

test('an option in another place is refused with its own place', async () => {
  assert.match(await saidOf(['status', '--context', 'lab']), /\.\/mesh --context <name> …/);
  assert.match(await saidOf(['trace', '1', '--namespace', 'shop']), /--namespace stands before the command/);
  assert.match(await saidOf(['--namespace', 'shop', 'status']), /--namespace goes with --context/);
  // that of a command is another one
  assert.equal(await saidOf(['policy', 'export', '--namespace', 'shop']), '--namespace goes with --for');
});
