/** The real Helm for tests: the one on PATH, else one built from its Go module, once for all checkouts. */
import path from 'node:path';
import { chartFolder } from '@microshop/deploy/chart/files';
import { cacheDirectory, cached } from '@microshop/native/tools/cache';
import { findGo } from '@microshop/native/tools/jaeger';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';

/** A Helm: which versions on PATH will do, and what is built else. */
interface Wanted {
  readonly accepts: RegExp;
  readonly module: string;
  readonly version: string;
}

const helm3or4: Wanted = { accepts: /^v[34]\./, module: 'helm.sh/helm/v3', version: 'v3.22.0' };
const helm4: Wanted = { accepts: /^v4\./, module: 'helm.sh/helm/v4', version: 'v4.3.2' };

/** The chart, absolute. */
export const chart = path.join(repositoryRoot, chartFolder);

async function isWanted(file: string, { accepts }: Wanted): Promise<boolean> {
  const { stdout, failed } = await execa(file, ['version', '--short'], { reject: false });
  return !failed && accepts.test(stdout);
}

async function build(go: string, { module, version }: Wanted): Promise<string> {
  const directory = await cached(cacheDirectory(), `helm-${version}`, async (working) => {
    await execa(go, ['install', '-trimpath', '-ldflags', '-s -w', `${module}/cmd/helm@${version}`], {
      cwd: working,
      env: { CGO_ENABLED: '0', GOBIN: working, GOTOOLCHAIN: 'local' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
  return path.join(directory, 'helm');
}

async function find(wanted: Wanted): Promise<string | undefined> {
  if (await isWanted('helm', wanted)) return 'helm';
  const go = await findGo(process.env, cacheDirectory());
  return go === undefined ? undefined : await build(go, wanted);
}

/** Path of Helm; `undefined` where there is neither it nor a Go that builds it. Throws when the build fails. */
export const findHelm = (): Promise<string | undefined> => find(helm3or4);

/** The same of Helm 4, which applies objects at the server and so refuses some that Helm 3 takes. */
export const findHelm4 = (): Promise<string | undefined> => find(helm4);
