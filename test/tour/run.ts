/** Runs commands of the README's tour in the checkout, as a person would type them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { CommandResult } from '../harness/mesh.ts';
import { tourCommands } from './readme.ts';

const root = path.resolve(import.meta.dirname, '../..');
const commands = tourCommands();

/**
 * Runs a line of the tour; one that ends with ` &` there is begun, and its end is what resolves. `values` replace the
 * `<names>` a person fills in. Throws when the README does not have the line.
 */
export async function run(
  line: string,
  values: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  assert.ok(
    commands.includes(line) || commands.includes(`${line} &`),
    `the README's tour has no line "${line}"; it has:\n${commands.join('\n')}`,
  );
  const command = line.replaceAll(/<([^>]+)>/g, (_, name: string) => {
    const value = values[name];
    assert.ok(value !== undefined, `no value for <${name}> of "${line}"`);
    return value;
  });
  const child = spawn('/bin/sh', ['-c', command], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
