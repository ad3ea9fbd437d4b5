/** Looking for programs the way a shell does. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** Where servers live that a normal user's PATH often leaves out. */
const serverDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Every executable file called `program` on PATH and in the directories for servers, in order. */
export async function onPath(program: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const directories = new Set([...(env.PATH ?? '').split(path.delimiter), ...serverDirectories]);
  const found: string[] = [];
  for (const directory of directories) {
    // an empty or relative entry would mean the directory someone happens to be in
    if (!path.isAbsolute(directory)) continue;
    const file = path.join(directory, program);
    if (await isProgram(file)) found.push(file);
  }
  return found;
}

/** Whether `file` is a regular file this user may execute. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
