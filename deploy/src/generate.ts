/** Writes every file that comes from the topology: `npm run generate`. Says which have changed. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generatedFiles, leftovers } from './files.ts';
import { checkout } from './workspaces.ts';

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const files = generatedFiles();
let changes = 0;
const tell = (what: string): void => {
  changes += 1;
  process.stdout.write(`${what}\n`);
};

for (const [name, text] of files) {
  const file = path.join(checkout, name);
  if (textOf(file) === text) continue;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  tell(`wrote ${name}`);
}
for (const name of leftovers(files)) {
  rmSync(path.join(checkout, name));
  tell(`removed ${name}`);
}
if (changes === 0) process.stdout.write(`All ${files.size} files are as the topology says.\n`);
