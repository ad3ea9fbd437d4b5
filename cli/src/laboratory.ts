/**
 * Commands of the laboratory. It stands above this package in the tree, so nothing here imports it: its program is this
 * one with its own commands added, and takes this process over when one of them is typed.
 */
import path from 'node:path';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';

/** Each command with its line in `./mesh help`. The laboratory's `program.ts` registers every one of them. */
export const laboratoryCommands = {
  bench: 'measure what the mesh costs',
  experiment: 'a fault under load, and a verdict',
} as const satisfies Readonly<Record<string, string>>;

/** Whether the laboratory has the command of that name. */
export function isOfLaboratory(name: string): boolean {
  return Object.hasOwn(laboratoryCommands, name);
}

/** Adds the names, so that help lists them; whatever follows one of them is read by the laboratory. */
export function registerLaboratoryNames(program: Command): void {
  for (const [name, description] of Object.entries(laboratoryCommands)) {
    program
      .command(name)
      .description(description)
      .argument('[words...]')
      .helpOption(false)
      .allowUnknownOption()
      .action(() => becomeLaboratory());
  }
}

/**
 * Goes on as the laboratory's program with what was typed. The process stays the same one, so its exit code is the
 * command's, and a signal such as that of Ctrl-C comes once. Returns never.
 */
export function becomeLaboratory(args: readonly string[] = process.argv.slice(2)): never {
  const main = path.join(repositoryRoot, 'lab/src/main.ts');
  if (process.execve === undefined) throw new Error('This system cannot replace a process by another');
  return process.execve(process.execPath, [process.execPath, main, ...args], process.env);
}
