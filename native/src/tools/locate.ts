/** Finding a tool that is already on this machine. */
import path from 'node:path';
import { messageOf } from '@microshop/program-kit/errors';
import { exists } from './cache.ts';
import { isProgram } from './programs.ts';
import type { Tool, ToolDefinition } from './tool.ts';
import { ToolOverrideError } from './tool.ts';

/** What was found, and why programs that look like the tool were passed over. */
export interface Located {
  readonly tool?: Tool;
  readonly notes: readonly string[];
}

/**
 * Looks for a tool: the override variable, programs on this machine at a version the mesh is written for, the cache.
 * Throws {@link ToolOverrideError} when the variable names something that does not run.
 */
export async function locate(
  definition: ToolDefinition,
  options: { env: NodeJS.ProcessEnv; cache: string },
): Promise<Located> {
  const { name } = definition;
  const override = options.env[definition.override];
  if (override !== undefined && override !== '')
    return { tool: await overridden(definition, override), notes: [] };

  const notes: string[] = [];
  for (const candidate of await definition.candidates(options.env)) {
    try {
      const version = await definition.version(candidate.path);
      if (definition.accepts(version)) return { tool: { name, version, ...candidate }, notes };
      notes.push(`${candidate.path} is version ${version}, wanted ${definition.wanted}: not used`);
    } catch (error) {
      notes.push(`${candidate.path} does not run: ${messageOf(error)}`);
    }
  }

  const { supply } = definition;
  if (supply.from === 'cache') {
    const program = path.join(options.cache, `${name}-${supply.version}`, supply.program);
    // entries are renamed into place whole, and their name holds the version: no need to run the program
    if (await exists(program)) {
      return { tool: { name, version: supply.version, path: program, source: 'cache' }, notes };
    }
  }
  return { notes };
}

async function overridden(definition: ToolDefinition, value: string): Promise<Tool> {
  const file = path.resolve(definition.overridePath?.(value) ?? value);
  if (!(await isProgram(file))) {
    throw new ToolOverrideError(`${definition.override} is "${value}", but ${file} is not a program`);
  }
  try {
    return { name: definition.name, version: await definition.version(file), path: file, source: 'override' };
  } catch (error) {
    throw new ToolOverrideError(
      `${definition.override} is "${value}", but ${file} does not run: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
