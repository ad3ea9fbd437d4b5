/**
 * The servers and programs the native mesh runs, how one of them is described, and what can go wrong while it is looked
 * for or made.
 */

/** Every tool, in the order in which they are listed. */
export const toolNames = ['envoy', 'jaeger', 'k6', 'postgres', 'prometheus', 'rabbitmq', 'redis'] as const;

/** Name of a tool. */
export type ToolName = (typeof toolNames)[number];

/**
 * Where a tool came from: a variable of the user's, PATH, the cache of an earlier run, made in this run, the locked
 * npm dependencies, or a Debian package.
 */
export type ToolSource = 'override' | 'path' | 'cache' | 'provisioned' | 'npm' | 'debian';

/** A program that is there and runs. */
export interface Tool {
  readonly name: ToolName;
  /** As the program itself says; `unknown` only for a program that an override variable names. */
  readonly version: string;
  /** Absolute path of the program. */
  readonly path: string;
  readonly source: ToolSource;
  /** Time its provisioning took in this run, seconds; absent when it was there already. */
  readonly seconds?: number;
}

/** A program that may be the tool. */
export interface Candidate {
  readonly path: string;
  readonly source: ToolSource;
}

/** How a tool is recognised and where it comes from when it is missing. */
export interface ToolDefinition {
  readonly name: ToolName;
  /** Variable that names the program to use, whatever its version. */
  readonly override: string;
  /** The program an override's value stands for; the value itself when absent. */
  overridePath?(value: string): string;
  /** Programs on this machine that may be the tool, best first. */
  candidates(env: NodeJS.ProcessEnv): Promise<readonly Candidate[]>;
  /** Version of the program at `path`, `unknown` when it does not say. Throws when the program does not run. */
  version(path: string): Promise<string>;
  /** Versions this mesh is written for. */
  readonly accepts: (version: string) => boolean;
  /** {@link accepts} for people: `1.40.x`. */
  readonly wanted: string;
  /** How it is made when it is missing. */
  readonly supply: Supply;
}

/** How a missing tool is made. */
export type Supply =
  | {
      readonly from: 'cache';
      /** Exact version that is made. */
      readonly version: string;
      /** The program, relative to the entry in the cache. */
      readonly program: string;
      /** Whether making it takes pip; asked only when it is missing. */
      needsPip(env: NodeJS.ProcessEnv, cache: string): Promise<boolean>;
      /** Fills the entry's directory. */
      make(directory: string, context: MakeContext): Promise<void>;
      /** What is asked again and again while another run makes it; it reports the progress. */
      watch?(context: MakeContext): () => void;
    }
  | { readonly from: 'debian'; readonly package: string }
  | {
      readonly from: 'npm';
      /** What to do when it is not there. */
      readonly remedy: string;
    };

/** How far the making of a tool is. */
export interface Progress {
  /** Done so far, 0 to 1. */
  readonly share: number;
  /** Time still needed, seconds; absent while it is unknown. */
  readonly secondsLeft?: number;
}

/** What a maker may use. */
export interface MakeContext {
  readonly env: NodeJS.ProcessEnv;
  /** The cache's root, for what one tool needs to make another (Go). */
  readonly cache: string;
  /** A Python that has pip. */
  python(): Promise<string>;
  /** Reports the current step (`downloading`), and its progress where it is known. */
  step(text: string, progress?: Progress): void;
  readonly signal?: AbortSignal | undefined;
}

/** Thrown when an override variable names something that is no working program. */
export class ToolOverrideError extends Error {
  override readonly name = 'ToolOverrideError';
}

/** Thrown when a tool is missing and cannot be made here; the message says what to install or set. */
export class ToolMissingError extends Error {
  override readonly name = 'ToolMissingError';
}

/** Thrown when a command ended with an error; the message holds its last lines. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
}

/** Thrown when at least one of the tools asked for is not available; `errors` holds the reason for each. */
export class ToolsUnavailableError extends AggregateError {
  override readonly name = 'ToolsUnavailableError';
}
