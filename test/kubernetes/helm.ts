/** The real Helm for tests: the one on PATH, else one built from its Go module, once for all checkouts. */
import path from 'node:path';
import { chartFolder } from '@microshop/deploy/chart/files';
import { cacheDirectory, cached } from '@microshop/native/tools/cache';
import { findGo } from '@microshop/native/tools/jaeger';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';

const version = 'v3.22.0';

/** The chart, absolute. */
export const chart = path.join(repositoryRoot, chartFolder);

async function isHelm3(file: string): Promise<boolean> {
  const { stdout, failed } = await execa(file, ['version', '--short'], { reject: false });
  return !failed && /^v[34]\./.test(stdout);
}

async function build(go: string): Promise<string> {
  const directory = await cached(cacheDirectory(), `helm-${version}`, async (working) => {
    await execa(go, ['install', '-trimpath', '-ldflags', '-s -w', `helm.sh/helm/v3/cmd/helm@${version}`], {
      cwd: working,
      env: { CGO_ENABLED: '0', GOBIN: working, GOTOOLCHAIN: 'local' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
  return path.join(directory, 'helm');
}

/** Path of Helm; `undefined` where there is neither it nor a Go that builds it. Throws when the build fails. */
export async function findHelm(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (await isHelm3('helm')) return 'helm';
  const go = await findGo(env, cacheDirectory(env));
  return go === undefined ? undefined : await build(go);
}
