/** Writes a new service: its folder from the template, its entry in the topology, the lock file. */
import { execFile } from 'node:child_process';
import { copyFile, glob, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Eta } from 'eta';
import { type Names, namesOf, type Wanted } from './names.ts';

const run = promisify(execFile);
const template = path.join(import.meta.dirname, 'template');
/** Code and data, no HTML. A tag that ends in `-%>` takes the end of its line with it. */
const eta = new Eta({ autoEscape: false, autoTrim: false, debug: true });

/** What the template reads. */
interface Context extends Names {
  readonly route: string;
  readonly database: string;
  /** The services it calls. */
  readonly peers: readonly Names[];
  /** The version of a package that the other services use. Throws when none uses it. */
  readonly versionOf: (dependency: string) => string;
}

/** Writes all of it into that checkout; `wanted` has been checked. Resolves to the paths that it wrote. */
export async function writeService(root: string, wanted: Wanted): Promise<string[]> {
  const versions = await versionsIn(root);
  const names = namesOf(wanted.name);
  const context: Context = {
    ...names,
    route: `/api/${wanted.name}`,
    database: `${wanted.name}_db`,
    peers: wanted.calls.map(namesOf),
    versionOf: (dependency) => {
      const version = versions.get(dependency);
      if (version === undefined)
        throw new Error(`No service depends on ${dependency}: its version is not known`);
      return version;
    },
  };
  const entries = path.join(root, 'packages/topology/src/services.ts');
  const topology = withEntry(await readFile(entries, 'utf8'), wanted);
  const files = await rendered(context);

  const folder = path.join('services', wanted.name);
  for (const [file, text] of files) {
    const target = path.join(root, folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  await writeFile(entries, topology);
  await biome(root, folder, entries);
  await lock(root, wanted.name);
  return [`${folder}/`, 'packages/topology/src/services.ts', 'package-lock.json'];
}

/** The list of services with one more. Throws when the file has another form than is known here. */
export function withEntry(source: string, { name, calls }: Wanted): string {
  const start = source.indexOf('\nconst entries = [\n');
  const end = source.indexOf('\n] as const;\n', start);
  if (start === -1 || end === -1) {
    throw new Error(
      'packages/topology/src/services.ts has no list "const entries = [ … ] as const;" any more',
    );
  }
  const callees = calls.map((callee) => `'${callee}'`).join(', ');
  const entry = `\n  { name: '${name}', calls: [${callees}], cache: false },`;
  return `${source.slice(0, end)}${entry}${source.slice(end)}`;
}

/** The files of the template, by their paths in the service's folder. What renders to nothing is left out. */
async function rendered(context: Context): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const file of glob('**/*.eta', { cwd: template })) {
    const source = await readFile(path.join(template, file), 'utf8');
    const text = eta.renderString(source, context);
    const target = file
      .replace('[name]', context.name)
      .replace('[thing]', context.thingFile)
      .replace(/\.eta$/, '');
    if (text.trim() !== '') files.set(target, text);
  }
  return files;
}

/** Versions of what the services depend on. */
async function versionsIn(root: string): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  for await (const file of glob('services/*/package.json', { cwd: root })) {
    const manifest: Manifest = JSON.parse(await readFile(path.join(root, file), 'utf8'));
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      versions.set(name, version);
    }
  }
  return versions;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Lines as the linter wants them, imports in its order. */
async function biome(root: string, ...paths: readonly string[]): Promise<void> {
  const file = path.join(root, 'node_modules/.bin/biome');
  await run(process.execPath, [file, 'check', '--write', '--log-level=error', ...paths], { cwd: root });
}

/**
 * Enters the workspace in the lock file, and links it as an install would. An install itself would look at every package,
 * and ask the registry; here nothing but our own is new.
 */
async function lock(root: string, name: string): Promise<void> {
  const modules = path.join(root, 'node_modules');
  const options = ['--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, '--loglevel=error'], { cwd: root });
  const link = path.join(modules, '@microshop', name);
  await rm(link, { force: true });
  await symlink(path.join('../../services', name), link);
  // `mesh` installs again when this differs from the lock file; a new file, as the old one may be shared with another
  // checkout
  const stamp = path.join(modules, '.mesh-lock');
  await rm(stamp, { force: true });
  await copyFile(path.join(root, 'package-lock.json'), stamp);
}
