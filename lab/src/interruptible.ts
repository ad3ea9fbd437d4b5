/** Work that is ended early in order: what it started is taken down, what it changed is set back. */
import { progress } from '@microshop/cli/output/output';

/** What a person, a supervisor and a terminal that is closed send. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the work. Each of the {@link signals} aborts it, with `reason` when there is one, and nothing else ends it, however often they
 * come; `says` is printed the first time. Throws the reason in place of an `AbortError`, which gives none. The listeners stay until
 * the end: `execa` ends a process whose only listener is its own.
 */
export async function interruptible<T>(
  says: string,
  work: (interrupted: AbortSignal) => Promise<T>,
  reason?: Error,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (!controller.signal.aborted) progress(says);
    controller.abort(reason);
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted && error instanceof Error && error.name === 'AbortError'
      ? (reason ?? error)
      : error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
