/** The pages of this checkout. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../command.ts';
import { type CommandBlock, commandBlocks } from './page.ts';
import { filledIn, type Typed, type } from './session.ts';

/** The pages whose commands are held true: the README, and `docs/`, by path. */
export const pages: readonly string[] = [
  'README.md',
  ...globSync('docs/{,reference/}*.md', { cwd: root }).sort(),
];

/** The text of a page. */
export function pageText(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

/** The blocks of a page that hold commands. */
export function blocksOf(page: string): CommandBlock[] {
  return commandBlocks(page, pageText(page));
}

/** The commands of a page that a test of its own types, and whether it has typed all of them. */
export interface Script {
  /**
   * Types a line as the page has it; one that the page ends with ` &` is begun, and its end is what resolves. Names are
   * filled in from what was typed before. Throws when the page has no such line, when it ends with another exit code than
   * its comment says.
   */
  run(line: string): Promise<Typed>;
  /** Lines that have not been typed. */
  untyped(): string[];
}

/** The lines of the blocks on this page that are marked `run by` this file. Throws when there are none. */
export function scriptOf(page: string, file: string): Script {
  const commands = blocksOf(page)
    .filter(({ mark }) => mark?.kind === 'by' && mark.file === file)
    .flatMap((block) => block.commands);
  assert.ok(commands.length > 0, `${page} has no block that is run by ${file}`);
  const typed = new Set<string>();
  let printed = '';
  return {
    async run(line) {
      const command = commands.find((one) => one.line === line || one.line === `${line} &`);
      assert.ok(
        command,
        `${page} has no line "${line}"; it has:\n${commands.map((one) => one.line).join('\n')}`,
      );
      typed.add(command.line);
      const result = await type(filledIn(line, printed));
      printed += result.output;
      assert.ok(
        command.exitCodes.includes(result.code),
        `"${line}" ended with ${result.code}:\n${result.output}`,
      );
      return result;
    },
    untyped: () => commands.map(({ line }) => line).filter((line) => !typed.has(line)),
  };
}
