/** Passwords of one mesh: generated at its first start, kept in files only their owner can read. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { passwordFile, type SecretName } from '@microshop/deploy/consumers';
import { hasCode } from '@microshop/program-kit/errors';

/** File of a secret below the directory of a mesh; its content is the password and nothing else. */
export function secretFile(directory: string, name: SecretName): string {
  return path.join(directory, 'secrets', passwordFile(name));
}

/** A new password. Hex needs no quoting in an address, in SQL, or in a configuration file. */
export function newPassword(): string {
  return randomBytes(24).toString('hex');
}

/** The password of that name, generated when there is none. Safe to call at the same time from several parts. */
export async function ensureSecret(directory: string, name: SecretName): Promise<string> {
  const file = secretFile(directory, name);
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(fresh, newPassword(), { mode: 0o600 });
  try {
    await link(fresh, file);
  } catch (error) {
    // another part was first; its password counts
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  return await readFile(file, 'utf8');
}
