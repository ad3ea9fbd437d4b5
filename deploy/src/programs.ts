/** Where the page of the console is built to; all meshes of a checkout share it. */
export const consolePage = 'console/dist';

/** Where our programs begin, from the checkout or the root of an image. */
export const programs = {
  /** Loaded before a program that is to be traced. */
  telemetry: 'packages/telemetry/src/register.ts',
  control: 'control/src/main.ts',
  /** Beside each Envoy that shares no directory with the control service. */
  agent: 'control/src/agent/main.ts',
  command: 'cli/src/main.ts',
  /** Builds the page of the console, where its sources have changed. */
  buildConsole: 'console/build/main.ts',
  service: (name: string): string => `services/${name}/src/main.ts`,
} as const;

/**
 * Arguments of Node for the control service: a small young generation, MiB. It reads traces and rows in bulk and forgets them, and V8 keeps what
 * that generation has grown to. No order waits for the service, so it may collect more often (docs/performance.md has the figures).
 */
export const controlMemory: readonly string[] = ['--max-semi-space-size=4'];

/** The same for an agent: it waits nearly all the time (docs/reference/agent.md has the figures). */
export const agentMemory: readonly string[] = ['--max-semi-space-size=1'];
