/** Repeats of a call by the app itself, around the retries of its sidecar. Off: only a comparison sets more than one. */

/** Runs it until it succeeds, at most `attempts` times, one right after the other. Throws what the last one threw. */
export async function attempted<R>(attempts: number, signal: AbortSignal, run: () => Promise<R>): Promise<R> {
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await run();
    } catch (error) {
      if (left <= 0 || signal.aborted) throw error;
    }
  }
}
