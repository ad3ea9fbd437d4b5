/**
 * Where certificates stand. `authority.pem` is the certificate authority with its key. Each identity has a directory
 * of its own, so that an Envoy can be given that one and no other:
 *
 *     <directory>/authority/authority.pem
 *     <directory>/orders/identity.pem     certificate and key, for people and tools
 *     <directory>/orders/trust.pem        certificate of the authority
 *     <directory>/orders/identity.yaml    the same two as Envoy's secrets (SDS)
 *     <directory>/orders/trust.yaml
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '@microshop/topology';

/** Names of Envoy's secrets; each is a file of its own, as an SDS file holds one. */
export const secretNames = { identity: 'identity', trust: 'trust' } as const;

/** Files of an identity below the directory of the certificates. */
export function identityFiles(directory: string, identity: Identity) {
  const own = join(directory, identity);
  return {
    directory: own,
    /** Certificate and private key, PEM. */
    identity: join(own, 'identity.pem'),
    /** Certificate of the authority, PEM. */
    trust: join(own, 'trust.pem'),
    secrets: {
      identity: join(own, `${secretNames.identity}.yaml`),
      trust: join(own, `${secretNames.trust}.yaml`),
    },
  };
}

/** The authority's certificate and private key, PEM. */
export function authorityFile(directory: string): string {
  return join(directory, 'authority', 'authority.pem');
}

/** Makes a directory that only its owner can look into. One that is there keeps its mode. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Puts a file in place when it is whole: a reader, or a watcher, never sees half of one. */
export async function putFile(file: string, text: string, mode: number): Promise<void> {
  const unfinished = await unfinishedFile(file, text, mode);
  await rename(unfinished, file);
}

/** Puts a file in place unless there is one; false when there was. */
export async function putFirst(file: string, text: string, mode: number): Promise<boolean> {
  const unfinished = await unfinishedFile(file, text, mode);
  try {
    await link(unfinished, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function unfinishedFile(file: string, text: string, mode: number): Promise<string> {
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(unfinished, text, { mode });
  return unfinished;
}
