/** Files that a command was told to write. */
import { writeFile } from 'node:fs/promises';
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import { jsonText } from '@microshop/program-kit/json-file';
import { UsageError } from '../output/errors.ts';

/** Why a file that a person named cannot be written, by the system's code. */
const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'there is no such directory',
  EISDIR: 'it is a directory',
  EACCES: 'you have no right to',
  EROFS: 'its file system is read-only',
};

/** Writes a text into a file that an option named. Throws `UsageError` that names the file and why it cannot be written. */
export async function writeNamed(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const [, why = messageOf(error)] = Object.entries(problems).find(([code]) => hasCode(error, code)) ?? [];
    throw new UsageError(`${file} cannot be written: ${why}`, { cause: error });
  }
}

/** Writes a report for programs into a file that an option named. */
export async function writeReport(file: string, report: object): Promise<void> {
  await writeNamed(file, jsonText(report));
}
