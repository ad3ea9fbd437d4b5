import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandName, helpHere, typedHere, worksHere } from '@microshop/program-kit/typed-here';
import { UsageError } from '../output/errors.ts';
import { wrapped } from '../output/output.ts';
import { createProgram, refuseElsewhere } from '../program.ts';
import { allOf, helpOf, wordsOf } from '../testing/commands.ts';

const container = { MESH_MODE: 'compose' };

test('what needs the processes is refused in a container, with what to use instead', () => {
  assert.throws(
    () => refuseElsewhere('stop', container),
    (error) => error instanceof UsageError && /docker compose stop <name>/.test(error.message),
  );
  assert.throws(() => refuseElsewhere('up', container), /docker compose up -d --wait/);
  assert.throws(() => refuseElsewhere('process', container), /\.\/mesh fault process <name> in the checkout/);
});

test('everything else runs there, and everything runs elsewhere', () => {
  for (const command of ['order', 'trace', 'audit', 'status', 'console', 'experiment', 'token'])
    refuseElsewhere(command, container);
  assert.throws(() => refuseElsewhere('experiment', { MESH_MODE: 'kubernetes' }), /in the checkout/);
  for (const command of ['up', 'stop', 'order']) refuseElsewhere(command, {});
});

test('commands are shown as they are typed where they run', () => {
  assert.equal(commandName(container), 'docker compose run --rm mesh');
  assert.equal(commandName({}), './mesh');
  for (const [text, typed] of [
    ['until ./mesh fault clear', 'until docker compose run --rm mesh fault clear'],
    [
      'jaeger is stopped; start it with ./mesh start jaeger',
      'jaeger is stopped; start it with docker compose start jaeger',
    ],
    ['./mesh logs <sidecar> tells why', 'docker compose logs <sidecar> tells why'],
    ['./mesh load smoke --rate 5', 'docker compose run --rm k6 smoke --rate 5'],
    ['./mesh experiment run abort-30', 'docker compose run --rm mesh experiment run abort-30'],
    ['(./mesh status)', '(docker compose run --rm mesh status)'],
    ['./mesh fault process users --kill', './mesh fault process users --kill'],
    ['./mesh logs --order <id> in the checkout, or', './mesh logs --order <id> in the checkout, or'],
  ] as const) {
    assert.equal(typedHere(text, container), typed);
    assert.equal(typedHere(typedHere(text, container), container), typed, 'once is enough');
    assert.equal(typedHere(text, {}), text);
  }
  const folded = wrapped(`${'word '.repeat(18)}./mesh logs --order <id> in the checkout`);
  assert.equal(typedHere(folded, container), folded, 'a message that was folded');
});

test('on Kubernetes they are shown as they are typed for a cluster', () => {
  const pod = { MESH_MODE: 'kubernetes' };
  for (const [text, typed] of [
    ['until ./mesh fault clear', 'until kubectl exec control-0 -- node cli/src/main.ts fault clear'],
    ['./mesh start users', 'kubectl scale --replicas=1 deployment users'],
    ['(./mesh start jaeger)', '(kubectl scale --replicas=1 statefulset jaeger)'],
    ['./mesh stop\n  control', 'kubectl scale --replicas=0 statefulset\n  control'],
    ['./mesh restart <name>', 'kubectl rollout restart deployment <name>'],
    ['./mesh logs --order <id> in the checkout, or', './mesh logs --order <id> in the checkout, or'],
  ] as const) {
    assert.equal(typedHere(text, pod), typed);
    assert.equal(typedHere(typedHere(text, pod), pod), typed, 'once is enough');
  }
  assert.throws(
    () => refuseElsewhere('stop', pod),
    /kubectl scale --replicas=0 deployment <name>, or statefulset <name> for a server and control$/,
  );
  assert.throws(() => refuseElsewhere('logs', pod), /--selector app\.kubernetes\.io\/name=<name>, with/);
});

test('what to type about another mesh than the first says which, once, and help speaks of any', () => {
  const fourth = { MESH_INSTANCE: '4' };
  for (const [text, typed] of [
    [
      'Mesh 4 is not running; start it with ./mesh up',
      'Mesh 4 is not running; start it with MESH_INSTANCE=4 ./mesh up',
    ],
    ['./mesh up ends them; ./mesh down', 'MESH_INSTANCE=4 ./mesh up ends them; MESH_INSTANCE=4 ./mesh down'],
    ['MESH_INSTANCE=2 ./mesh up starts another mesh', 'MESH_INSTANCE=2 ./mesh up starts another mesh'],
    ['in MESH_INSTANCE=4\n  ./mesh up, folded', 'in MESH_INSTANCE=4\n  ./mesh up, folded'],
  ] as const) {
    assert.equal(typedHere(text, fourth), typed);
    assert.equal(typedHere(typed, fourth), typed, 'once is enough');
    assert.equal(typedHere(text, { MESH_INSTANCE: '1' }), text);
    assert.equal(helpHere(text, fourth), text);
  }
});

/** Runs the work as in a container. */
function asInContainer(work: () => void): void {
  process.env['MESH_MODE'] = 'compose';
  try {
    work();
  } finally {
    delete process.env['MESH_MODE'];
  }
}

test('help in a container lists what works there, and its examples can be typed there', () => {
  asInContainer(() => {
    const all = helpOf([]);
    const listed = [...all.matchAll(/^ {2}([a-z]+)[ \n]/gm)].map(([, name]) => name);
    assert.deepEqual(
      listed,
      'status console order trace fault policy audit dlq outbox token experiment help'.split(' '),
    );
    assert.doesNotMatch(helpOf(['fault']), /^ {2}process/m);
    for (const command of allOf(createProgram()).filter(({ parent }) => parent !== null)) {
      const words = wordsOf(command);
      if (!words.every((name) => worksHere(name))) {
        assert.throws(() => helpOf(words), /works on the host, not in a container; use: /, words.join(' '));
        continue;
      }
      const text = helpOf(words);
      assert.match(text, /^Usage: docker compose run --rm mesh /, words.join(' '));
      assert.match(text, /^Examples?:\n {2}docker compose run --rm mesh /m, words.join(' '));
      assert.doesNotMatch(text, /\.\/mesh/, words.join(' '));
      assert.deepEqual(
        text.split('\n').filter((line) => line.length > 100),
        [],
        words.join(' '),
      );
    }
  });
});

test('help of a word that is no command names only what works there', () => {
  asInContainer(() =>
    assert.throws(() => helpOf(['fault', 'sit']), /the commands here are (?!.*process)set, list, /),
  );
});
