/**
 * Builds a program with Go in caches of its own: the user's are neither filled nor read. They stay when a build is
 * interrupted, so that the next one goes on from there, and are removed when the program is there.
 */

import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type RunOptions, run } from './programs.ts';
import type { MakeContext } from './tool.ts';

/** What is built, and where. */
export interface GoBuild {
  /** The `go` command. */
  readonly go: string;
  /** Directory of the go.mod; nothing in it is changed. */
  readonly module: string;
  /** Path of the main package. */
  readonly program: string;
  /** Flags of the linker. */
  readonly linker: string;
  /** The program that is made. */
  readonly output: string;
  /** Where modules and compiled packages are kept until the program is there; one build at a time. */
  readonly caches: string;
}

type Context = Pick<MakeContext, 'env' | 'step' | 'signal'>;

/** In the caches: the packages the program is made of, and those that were compiled, one per line. */
const files = { packages: 'packages', compiled: 'compiled' };

/**
 * Builds the program beside everything else: niced, and without cgo, for a bare machine has no C compiler. Throws
 * `CommandFailedError` with the last lines of `go`; the caches stay then.
 */
export async function goBuild(build: GoBuild, context: Context): Promise<void> {
  const { caches } = build;
  const temporary = path.join(caches, 'tmp');
  // left by a killed build
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const go = goIn(build, temporary, context);
  const packages = await download(build, go, context);
  await writeFile(path.join(caches, files.packages), packages.join('\n'));
  await compile(build, go, new Set(packages), context);
  const size = Number.parseInt(await run('du', ['-sm', caches]), 10);
  context.step(`removing the ${(size / 1024).toFixed(1)} GiB it was built in`);
  await rm(caches, { recursive: true, force: true });
}

type Go = (args: readonly string[], options?: Pick<RunOptions, 'onLine' | 'result'>) => Promise<string>;

function goIn({ go, module, caches }: GoBuild, temporary: string, { env, signal }: Context): Go {
  const own = {
    ...env,
    // the modules, and what go knows of their checksums
    GOPATH: path.join(caches, 'path'),
    GOMODCACHE: path.join(caches, 'path', 'pkg', 'mod'),
    GOCACHE: path.join(caches, 'cache'),
    GOTMPDIR: temporary,
    // modules are read-only otherwise, and could not be removed
    GOFLAGS: `${env.GOFLAGS ?? ''} -modcacherw`.trim(),
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  return (args, options) =>
    run('nice', ['-n', '10', go, ...args], {
      cwd: module,
      env: own,
      signal,
      tree: true,
      ...options,
    });
}

const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false'];

/** Whether a line of go names a package. */
const mark = 'package ';

/** Gets every module; the paths of the packages that the program is made of. */
async function download({ program }: GoBuild, go: Go, { step }: Context): Promise<string[]> {
  const all = (await go(['mod', 'edit', '-print'])).match(/^\t\S+ v\S+/gm)?.length ?? 0;
  let modules = 0;
  const tell = () => step('downloading its modules', { share: Math.min(modules / Math.max(all, 1), 1) });
  tell();
  const packages: string[] = [];
  await go(['list', '-deps', '-f', `${mark}{{.ImportPath}}`, ...flags, program], {
    result: new RegExp(`^${mark}`),
    onLine: (line) => {
      if (line.startsWith(mark)) packages.push(line.slice(mark.length));
      if (!line.startsWith('go: downloading ')) return;
      modules += 1;
      tell();
    },
  });
  return packages;
}

async function compile(
  build: GoBuild,
  go: Go,
  packages: ReadonlySet<string>,
  { step }: Context,
): Promise<void> {
  const file = path.join(build.caches, files.compiled);
  const compiled = new Set(await linesOf(file));
  const record = createWriteStream(file, { flags: 'a' });
  const tell = teller(step);
  try {
    tell(compiled.size, packages.size);
    const named = ['-v', '-ldflags', build.linker, '-o', build.output, build.program];
    // -v prints the path of each package as its turn comes, of none that was found compiled
    await go(['build', ...flags, ...named], {
      onLine: (line) => {
        if (!packages.has(line) || compiled.has(line)) return;
        compiled.add(line);
        record.write(`${line}\n`);
        tell(compiled.size, packages.size);
      },
    });
  } finally {
    await new Promise((resolve) => record.end(resolve));
  }
}

function teller(step: Context['step']): (done: number, all: number) => void {
  const pace = createPace();
  return (done, all) => {
    const share = done / all;
    if (share >= 1) return step('linking');
    const secondsLeft = pace.left(share);
    step('compiling', { share, ...(secondsLeft === undefined ? {} : { secondsLeft }) });
  };
}

/** Reports at each call the progress of a build in those caches, whichever run makes it. */
export function watchGoBuild(caches: string, step: Context['step']): () => void {
  const tell = teller(step);
  return () => {
    void Promise.all([files.compiled, files.packages].map((name) => linesOf(path.join(caches, name)))).then(
      ([compiled = [], packages = []]) => {
        if (packages.length > 0) tell(new Set(compiled).size, packages.length);
      },
    );
  };
}

/** The lines of a file; none when there is no such file. */
async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Time that is looked back on, milliseconds: older figures of a busy machine mean nothing. */
const windowMs = 60_000;

/** Time after which a pace is believed, milliseconds. */
const leastMs = 5000;

/** Estimates, from how much is done, how much time is left. */
export interface Pace {
  /** `share`: done so far, 0 to 1, at `now` (milliseconds). Seconds left; `undefined` while it is unknown. */
  left(share: number, now?: number): number | undefined;
}

/** A pace of which nothing is known yet. */
export function createPace(): Pace {
  const samples: { readonly share: number; readonly at: number }[] = [];
  return {
    left(share, now = performance.now()) {
      samples.push({ share, at: now });
      // one sample older than the window is kept: the pace is taken over the whole window
      while ((samples[1]?.at ?? now) < now - windowMs) samples.shift();
      const [first] = samples;
      if (first === undefined || now - first.at < leastMs || share <= first.share) return undefined;
      return (((1 - share) / (share - first.share)) * (now - first.at)) / 1000;
    },
  };
}
