/** Files that are whole whenever they are read. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, unwritable } from './errors.ts';

/** Who may read what is written: modes of files and of directories, before the umask. */
export interface Access {
  readonly file: number;
  readonly directory: number;
}

/** Readable by its owner only. */
export const ownerOnly: Access = { file: 0o600, directory: 0o700 };

/** As a program writes files when nothing else is said. */
export const usualAccess: Access = { file: 0o666, directory: 0o777 };

/** Puts a file in place when it is whole. One that holds the same is not touched. Throws `UnwritableError`. */
export async function putFile(file: string, text: string, access: Access): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  await rename(await unfinishedFile(file, text, access), file);
}

/** Puts a file in place, whole, unless there is one; false when there was. */
export async function putFirst(file: string, text: string, access: Access): Promise<boolean> {
  const unfinished = await unfinishedFile(file, text, access);
  try {
    await link(unfinished, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function unfinishedFile(file: string, text: string, access: Access): Promise<string> {
  const directory = path.dirname(file);
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(directory, { recursive: true, mode: access.directory });
    await writeFile(unfinished, text, { mode: access.file });
  } catch (error) {
    // it may be half written when the disk is full
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw unwritable(directory, error);
  }
  return unfinished;
}

/** Texts by their path below a directory. */
export type FileTexts = ReadonlyMap<string, string>;

/** Puts all of them below `directory`: those of one directory in their order, the directories at the same time. */
export async function putFiles(directory: string, files: FileTexts, access: Access): Promise<void> {
  const together = Map.groupBy(files, ([name]) => path.dirname(name));
  const written = [...together.values()].map(async (group) => {
    for (const [name, text] of group) await putFile(path.join(directory, name), text, access);
  });
  await Promise.all(written);
}
