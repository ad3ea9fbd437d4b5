/** The token that allows changes: random per start of the control service, in a file only its owner can read. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ExplainedError, messageOf } from '@microshop/program-kit/errors';
import { controlFiles } from '@microshop/program-kit/run-directory';
import { ownerOnly, putFile } from '@microshop/program-kit/whole-file';

/** Thrown when the file of the token cannot be read: the control service never ran, or the file belongs to another user. */
export class TokenUnreadableError extends ExplainedError {
  override readonly name: string = 'TokenUnreadableError';

  constructor(cause: unknown) {
    super(
      `The token of the control service cannot be read (${messageOf(cause)}); ./mesh status shows whether it runs`,
      { cause },
    );
  }
}

/** Makes a new token and puts it in its file. */
export async function makeToken(stateDirectory: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await putFile(path.join(stateDirectory, controlFiles.token), token, ownerOnly);
  return token;
}

/** The token of the control service that keeps its state there. Throws {@link TokenUnreadableError}. */
export async function readToken(stateDirectory: string): Promise<string> {
  try {
    return (await readFile(path.join(stateDirectory, controlFiles.token), 'utf8')).trim();
  } catch (error) {
    throw new TokenUnreadableError(error);
  }
}
