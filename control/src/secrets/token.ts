/** The token that allows changes: random per start of the control service, in a file only its owner can read. */

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ExplainedError, messageOf } from '@microshop/program-kit/errors';
import { ownerOnly, putFile } from '@microshop/program-kit/whole-file';

/** File of the token in the state directory. */
const tokenFile = 'token';

/** Makes a new token and puts it in its file. */
export async function makeToken(stateDirectory: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await putFile(path.join(stateDirectory, tokenFile), token, ownerOnly);
  return token;
}

/** The token of the control service that keeps its state there. Throws `ExplainedError` when it cannot be read. */
export async function readToken(stateDirectory: string): Promise<string> {
  const file = path.join(stateDirectory, tokenFile);
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new ExplainedError(
      `The token of the control service cannot be read (${messageOf(error)}); ./mesh status tells whether it runs`,
      { cause: error },
    );
  }
}
