/**
 * `npm install` for a package that is taken home, without a network: links what the checkout has installed. As npm does,
 * it gives a project its workspaces, what their `dependencies` name, and what is asked for by name, and nothing else.
 *
 *     node install.ts <checkout> <name>…
 */
import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const [checkout = '', ...wanted] = process.argv.slice(2);

/** A member of a `package.json` that is an object. */
function names(manifest: unknown, member: string): readonly string[] {
  if (typeof manifest !== 'object' || manifest === null) return [];
  const found = Object.entries(manifest).find(([name]) => name === member)?.[1];
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

function link(name: string, target: string): void {
  if (!existsSync(target)) throw new Error(`npm would not find ${name}`);
  const at = path.resolve('node_modules', name);
  if (existsSync(at)) return;
  mkdirSync(path.dirname(at), { recursive: true });
  symlinkSync(target, at);
}

const workspaces = new Map(
  globSync('packages/*').map((directory) => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) {
      throw new Error(`${directory}/package.json has no name`);
    }
    return [String(manifest.name), { directory: path.resolve(directory), manifest }];
  }),
);
for (const [name, { directory }] of workspaces) link(name, directory);
const dependencies = [...workspaces.values()].flatMap(({ manifest }) => names(manifest, 'dependencies'));
for (const name of [...dependencies, ...wanted]) {
  if (!workspaces.has(name)) {
    // a workspace of the checkout is in no registry
    if (name.startsWith('@microshop/')) throw new Error(`npm would not find ${name}: copy it, too`);
    link(name, path.join(checkout, 'node_modules', name));
  }
}
