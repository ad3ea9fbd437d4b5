/** Ctrl-C, or the end that CI orders: what is under way ends, and what was brought up is taken down. */

const controller = new AbortController();

/** Aborted when the run is to end early; its reason says by what. */
export const ended: AbortSignal = controller.signal;

/** Ends the run early. */
export function endRun(why: string): void {
  if (!ended.aborted) controller.abort(new Error(why));
}

/** Lets SIGINT and SIGTERM end the run in order; a second one of the same kind ends this process at once. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => endRun(`ended by ${signal}`));
}
