/** Workers that do one thing after the other, until told to stop. */

/** One answer and how long it took. */
export interface Timed<T> {
  readonly answer: T;
  /** Milliseconds. */
  readonly tookMs: number;
}

/** Runs `workers` of them until `until` holds; everything they got, in order of its end. */
export async function workersDo<T>(
  workers: number,
  work: () => Promise<T>,
  until: (soFar: readonly Timed<T>[]) => boolean,
): Promise<readonly Timed<T>[]> {
  const all: Timed<T>[] = [];
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (!until(all)) {
        const began = performance.now();
        const answer = await work();
        all.push({ answer, tookMs: performance.now() - began });
      }
    }),
  );
  return all;
}
