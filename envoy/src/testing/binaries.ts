/** The real servers tests run. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Thrown when a server's binary is neither named by its variable nor on PATH. */
export class BinaryNotFoundError extends Error {
  constructor(binary: string, variable: string) {
    super(
      `There is no ${binary} to test with: set ${variable} to its path, or put ${binary} on PATH (./mesh tools gets it)`,
    );
    this.name = 'BinaryNotFoundError';
  }
}

/** Path of Envoy: `MESH_ENVOY_BIN`, else `envoy` on PATH. Throws {@link BinaryNotFoundError}. */
export function envoyBinary(env: NodeJS.ProcessEnv = process.env): string {
  return find('envoy', 'MESH_ENVOY_BIN', env);
}

/** Path of Jaeger v2: `MESH_JAEGER_BIN`, else `jaeger` on PATH. Throws {@link BinaryNotFoundError}. */
export function jaegerBinary(env: NodeJS.ProcessEnv = process.env): string {
  return find('jaeger', 'MESH_JAEGER_BIN', env);
}

function find(binary: string, variable: string, env: NodeJS.ProcessEnv): string {
  const named = env[variable];
  const candidates =
    named === undefined || named === ''
      ? (env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, binary))
      : [named];
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new BinaryNotFoundError(binary, variable);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
