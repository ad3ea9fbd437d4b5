/** A client that asks far more than it may, in a thread of its own: its work must not delay the answers that this one times. */
import { Worker } from 'node:worker_threads';

/** What it asks. */
export interface NoiseSettings {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly perSecond: number;
}

/** What came of it. */
export interface NoiseResult {
  /** Answers by status; 0 is none. */
  readonly answers: Readonly<Record<number, number>>;
  readonly seconds: number;
}

/** Noise under way. */
export interface Noise {
  stop(): Promise<NoiseResult>;
  /** Ends it, whatever became of it. */
  end(): Promise<void>;
}

/** Starts it; resolves when its first answer is there. */
export async function startNoise(settings: NoiseSettings): Promise<Noise> {
  const worker = new Worker(new URL('noise-thread.ts', import.meta.url), { workerData: settings });
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  await next();
  return {
    async stop() {
      const result = next<NoiseResult>();
      worker.postMessage('stop');
      return await result;
    },
    end: async () => void (await worker.terminate()),
  };
}
