/** Passwords of a native mesh: all in one directory, readable by whoever runs it. */
import path from 'node:path';
import { secretFile, secretNames } from '@microshop/deploy/consumers';
import { makeFiles } from './make.ts';

/** Makes what is missing below the directory of a mesh, and leaves the rest. Throws what the file system throws. */
export async function makeNativeSecrets(mesh: string): Promise<void> {
  await makeFiles([{ path: path.dirname(secretFile(mesh, 'postgres')), passwords: secretNames }]);
}
