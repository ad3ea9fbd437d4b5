/** Ctrl-C, or the end that CI orders: what is under way ends, and what was brought up is taken down. */

const controller = new AbortController();

/** Aborted when the run is to end early; its reason says by what. */
export const ended: AbortSignal = controller.signal;

/** Ends the run early. */
export function endRun(why: string): void {
  if (!ended.aborted) controller.abort(new Error(why));
}

/**
 * Lets SIGINT and SIGTERM end the run in order, however often they come. The listeners stay: `execa` ends a process at once whose
 * only listener is its own, and one that is called `once` is gone before that is asked.
 */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => endRun(`ended by ${signal}`));
}

/** Ends the run in order when the process that started it is gone; returns what lets go of that one. */
export function endWithStarter(): () => void {
  const onDisconnect = () => endRun('ended, as what started it did');
  process.once('disconnect', onDisconnect);
  return () => {
    process.off('disconnect', onDisconnect);
    if (process.connected) process.disconnect?.();
  };
}
