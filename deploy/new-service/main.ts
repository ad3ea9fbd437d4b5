/** `npm run new-service -- reviews --calls users`: a service of one's own, ready for `./mesh up`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { problemsOf } from './names.ts';
import { writeService } from './write.ts';

const root = path.resolve(import.meta.dirname, '../..');

function list(value: string): string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes(''))
    throw new InvalidArgumentError('give names with a comma between, as in users,products');
  return [...new Set(names)];
}

async function create(name: string, { calls = [] }: { readonly calls?: readonly string[] }): Promise<void> {
  const problems = problemsOf({ name, calls });
  if (problems.length === 0 && existsSync(path.join(root, 'services', name))) {
    problems.push(`name "${name}" is taken: services/${name} is there; remove it, or choose another`);
  }
  if (problems.length > 0) {
    for (const problem of problems) console.error(`new-service: ${problem}`);
    process.exitCode = 2;
    return;
  }
  const written = await writeService(root, { name, calls });
  await promisify(execFile)('npm', ['run', 'generate'], { cwd: root });
  console.log(`Wrote ${written.join(', ')}, and what is generated from the topology.`);
  console.log(`Now: ./mesh up, then curl http://127.0.0.1:8080/api/${name}`);
}

await new Command('npm run new-service --')
  .description('Write a service of its own: folder, entry in the topology, lock file, generated files')
  .argument('<name>', 'DNS label; its route is /api/<name>')
  .option('--calls <services>', 'services it calls, separated by commas', list)
  .addHelpText('after', '\nExample: npm run new-service -- reviews --calls users')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(create)
  .parseAsync();
