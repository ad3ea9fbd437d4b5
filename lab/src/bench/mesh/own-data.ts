/**
 * Data of its own for a mesh that is measured with tables of a known size: what the mesh of its number has kept is set aside
 * meanwhile and is back afterwards; after a run that was killed, at the next one.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';

const aside = (directory: string) => `${directory}.aside`;

/** Sets aside what is in the directory of a mesh that is down: one that is started there now begins with nothing. */
export async function setAside(directory: string): Promise<void> {
  await bringBack(directory);
  await mkdir(directory, { recursive: true });
  await rename(directory, aside(directory));
}

/** Brings it back in the place of what is there. Does nothing when nothing was set aside. */
export async function bringBack(directory: string): Promise<void> {
  if (!existsSync(aside(directory))) return;
  await rm(directory, { recursive: true, force: true });
  await rename(aside(directory), directory);
}
