import assert from 'node:assert/strict';
import { mkdir, readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { messageOf } from '@microshop/program-kit/errors';
import { podCgroups, raiseWeight, weighPods, weightOf } from './pods-share.ts';

const first = [
  '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
  '33 31 0:30 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset',
  '34 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
  '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
].join('\n');

const second = '24 30 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';

test('the weight of a cgroup is where the kernel divides the processors', () => {
  assert.deepEqual(weightOf('/lab', first), {
    file: '/sys/fs/cgroup/cpu,cpuacct/lab/cpu.shares',
    usual: 1024,
  });
  assert.deepEqual(weightOf('/lab', second), { file: '/sys/fs/cgroup/lab/cpu.weight', usual: 100 });
  assert.equal(weightOf('/lab', '22 30 0:5 / /proc rw - proc proc rw'), undefined);
});

test('a cgroup of this machine has the weight of thirty processes then', async (t) => {
  const name = `/microshop-test-${process.pid}`;
  const weight = weightOf(name, await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  if (weight === undefined) return t.skip('cgroups divide no processors here');
  const directory = path.dirname(weight.file);
  try {
    await mkdir(directory);
  } catch (error) {
    return t.skip(`no cgroup can be made here: ${messageOf(error)}`);
  }
  t.after(() => rmdir(directory));
  const problem = await raiseWeight(name);
  if (problem !== undefined) return t.skip(problem);
  assert.equal(Number(await readFile(weight.file, 'utf8')), 30 * weight.usual);
});

test('a cgroup that is not there is a sentence, and makes no file', async () => {
  assert.match((await raiseWeight('/microshop-test-nowhere')) ?? '', /ENOENT|cgroups divide no/);
});

/** An API server of nodes whose kubelets have those roots. */
function clusterOf(...roots: readonly (string | undefined)[]): (path: string) => Promise<string> {
  return async (asked) => {
    const [, index] = /^\/api\/v1\/nodes\/n(\d)\/proxy\/configz$/.exec(asked) ?? [];
    return JSON.stringify(
      index === undefined
        ? { items: roots.map((_, at) => ({ metadata: { name: `n${at}` } })) }
        : { kubeletconfig: { cgroupDriver: 'cgroupfs', cgroupRoot: roots[Number(index)] } },
    );
  };
}

test('the cgroup of the pods is the one that their kubelet names, unless it is the usual one', async () => {
  assert.deepEqual(await podCgroups(clusterOf('/lab', '/lab')), ['/lab']);
  assert.deepEqual(await podCgroups(clusterOf('/', undefined)), []);
});

test('what cannot be done is said once, and is no failure', async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  await weighPods(clusterOf('/'), say);
  assert.deepEqual(said, []);
  await weighPods(clusterOf('/microshop-test-nowhere', '/microshop-test-neither'), say);
  assert.equal(said.length, 1);
  await weighPods(() => Promise.reject(new Error('no answer')), say);
  assert.match(said[1] ?? '', /\(no answer\)$/);
});
