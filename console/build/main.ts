/**
 * Builds the page: `npm run build`, and `./mesh up` in the background. Does nothing where what was built last is of these
 * sources. What is served is replaced in one step, when the build is whole.
 */
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { consolePage } from '@microshop/deploy/programs';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { build } from 'vite';
import { sourcesDigest } from './sources.ts';

const page = path.join(repositoryRoot, consolePage);
/** File beside the page with the digest of what it was built from. */
const stamp = 'sources';

function builtFrom(): string {
  try {
    return readFileSync(path.join(page, stamp), 'utf8');
  } catch {
    // not built yet
    return '';
  }
}

const digest = sourcesDigest(repositoryRoot);
if (builtFrom() === digest) {
  process.stdout.write('The page is built from these sources already.\n');
} else {
  // two meshes of one checkout may build at the same time
  const made = `${page}-${process.pid}`;
  const old = `${made}-old`;
  await build({
    configFile: path.join(repositoryRoot, 'console/vite.config.ts'),
    build: { outDir: made, emptyOutDir: true },
    logLevel: 'warn',
  });
  await writeFile(path.join(made, stamp), digest);
  await rename(page, old).catch(() => undefined);
  await rename(made, page);
  await rm(old, { recursive: true, force: true });
  process.stdout.write(`The page is built: ${page}\n`);
}
