/** Builds a small program with the real Go, from nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { listPids, statOf } from '../supervision/proc.ts';
import { exists } from './cache.ts';
import { goBuild, watchGoBuild } from './go-build.ts';
import { ensureGo } from './jaeger.ts';
import type { MakeContext, Progress } from './tool.ts';
import { findPython } from './wheel.ts';

interface Step {
  readonly text: string;
  readonly progress: Progress | undefined;
}

/** A program that prints, in a module of its own; its build with everything below one directory, the home included. */
async function program(t: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-go-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const at = (name: string) => path.join(directory, name);
  for (const name of ['home', 'module']) await mkdir(at(name));
  await writeFile(at('module/go.mod'), 'module example.test/hello\n\ngo 1.25.0\n');
  await writeFile(
    at('module/main.go'),
    // of the standard library as little as there is: all of it is compiled
    'package main\n\nimport "syscall"\n\nfunc main() { syscall.Write(1, []byte("built\\n")) }\n',
  );
  const steps: Step[] = [];
  const env = { PATH: process.env.PATH, HOME: at('home'), GOTELEMETRY: 'off' };
  const step = (text: string, progress?: Progress) => void steps.push({ text, progress });
  const python = async () => (await findPython(process.env)) ?? 'python3';
  const context: MakeContext = { env: { ...process.env, ...env }, cache: directory, python, step };
  const build = {
    go: await ensureGo(directory, context),
    module: at('module'),
    program: 'example.test/hello',
    linker: '-s -w',
    output: at('hello'),
    caches: at('caches'),
  };
  steps.length = 0;
  return { build, context: { ...context, env }, steps, home: at('home') };
}

/** Processes whose command line or environment names the directory. */
async function workingIn(directory: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of listPids()) {
    const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (pid !== process.pid && text.includes(directory) && statOf(pid) !== undefined) found.push(pid);
  }
  return found;
}

// one build for all of it: each from nothing compiles a standard library
test('an interrupted build ends with everything it started; the next goes on from there, tells how far it is, and leaves the program and nothing else', async (t) => {
  const { build, context, steps, home } = await program(t);
  const ending = new AbortController();
  const half = 0.5;
  const step: MakeContext['step'] = (text, progress) => {
    context.step(text, progress);
    if (text === 'compiling' && (progress?.share ?? 0) > half) ending.abort();
  };
  await assert.rejects(goBuild(build, { ...context, step, signal: ending.signal }));
  assert.deepEqual(await workingIn(build.caches), []);
  assert.ok((await readdir(build.caches)).includes('cache'));
  const interrupted = steps.length;

  const seen: (Progress | undefined)[] = [];
  await new Promise<void>((resolve) => {
    watchGoBuild(build.caches, (_text, progress) => {
      seen.push(progress);
      resolve();
    })();
  });
  assert.ok((seen[0]?.share ?? 0) > half, 'another run sees how far it came');

  await goBuild(build, context);
  const first = steps.slice(interrupted).find(({ text }) => text === 'compiling');
  assert.ok((first?.progress?.share ?? 0) > half);
  assert.equal(execFileSync(build.output, { encoding: 'utf8' }), 'built\n');
  assert.equal(await exists(build.caches), false);
  assert.equal(await exists(path.join(home, 'go')), false, 'nothing lies in the user’s caches');
  assert.equal(await exists(path.join(home, '.cache', 'go-build')), false);

  const shares = steps.flatMap(({ text, progress }) => (text === 'compiling' ? [progress?.share ?? -1] : []));
  assert.equal(shares[0], 0);
  assert.deepEqual(
    shares,
    shares.toSorted((one, other) => one - other),
  );
  assert.ok(shares.length > 20 && (shares.at(-1) ?? 0) > 0.9, `${shares}`);
  assert.match(steps.at(-1)?.text ?? '', /^removing the \d\.\d GiB it was built in$/);
});

test('what go says of a failure is reported', async (t) => {
  const { build, context } = await program(t);
  await writeFile(path.join(build.module, 'main.go'), 'package main\n\nimport _ "example.test/missing"\n');
  await assert.rejects(goBuild(build, context), /example\.test\/missing/);
});
