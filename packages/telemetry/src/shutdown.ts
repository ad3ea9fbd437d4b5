/**
 * The last flush of telemetry. The bootstrap registers the running SDK here; the code that ends the process calls
 * {@link shutdownTelemetry} last. The bootstrap itself listens to no signal, so nothing races with that order.
 */

/** The part of the SDK that is needed at the end. */
interface Stoppable {
  shutdown(): Promise<void>;
}

/** Time the last flush may take, milliseconds: with no collector the exporters would wait for ~11 s. */
const flushTimeoutMs = 2000;

let running: Stoppable | undefined;
let ending: Promise<void> | undefined;

/** Remembers the SDK that {@link shutdownTelemetry} ends. For the bootstrap only. */
export function setRunningTelemetry(sdk: Stoppable): void {
  running = sdk;
  ending = undefined;
}

/**
 * Sends what is not sent yet and ends telemetry, in `timeoutMs` milliseconds at most. Never rejects: an unavailable
 * collector costs the last spans, not the exit. Does nothing without the bootstrap, or when called again.
 */
export function shutdownTelemetry(timeoutMs: number = flushTimeoutMs): Promise<void> {
  ending ??= running === undefined ? Promise.resolve() : within(running.shutdown(), timeoutMs);
  return ending;
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  const { promise: limit, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  try {
    await Promise.race([work, limit]);
  } catch {
    // What the exporters had to say is already in the log.
  } finally {
    clearTimeout(timer);
  }
}
