/** `./mesh` on this machine, as a person calls it in the checkout. */
import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import type { CommandResult } from './driver.ts';

/** The checkout. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Time a command of the mesh may take, milliseconds. */
const commandTimeoutMs = 300_000;

/** How long is waited for what commands show unless the test says otherwise, milliseconds. */
const usualLimitMs = 60_000;

/** Pause between two attempts of which each runs a command, milliseconds: it takes half a second of CPU. */
const pauseMs = 500;

/**
 * Runs it with these variables beside the environment's, for at most `timeout` milliseconds, with `input` on its standard
 * input. Never rejects for a code.
 */
export function runMesh(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeout = commandTimeoutMs,
  input = '',
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { cwd: root, timeout, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } };
    const child = execFile('./mesh', [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** Waits as `eventuallyDespiteErrors` does, where each attempt runs a command or another process. */
export function untilShown<T>(
  what: string,
  read: () => Promise<T | undefined>,
  limitMs = usualLimitMs,
): Promise<T> {
  return eventuallyDespiteErrors(what, read, limitMs, pauseMs);
}

/** Starts it and returns what kills it (SIGKILL). */
export function startMesh(args: readonly string[]): () => void {
  const child = spawn('./mesh', [...args], { cwd: root, stdio: 'ignore' });
  return () => child.kill('SIGKILL');
}

/** A message as one line: the command folds what it says to the width of a terminal. */
export function unfolded(message: string): string {
  return message.trimEnd().replaceAll(/\s+/g, ' ');
}
