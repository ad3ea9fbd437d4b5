/** Runs a service from start to ordered end. */
import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger } from 'fastify';
import type { Service } from './service.ts';

/** What {@link runService} needs. */
export interface RunOptions {
  readonly host: string;
  readonly port: number;
  readonly logger: FastifyBaseLogger;
  /** Builds the service; `signal` aborts when the process is told to end before it is up. */
  readonly build: (signal: AbortSignal) => Promise<Service>;
  /** Runs last, after everything else is closed (flush of telemetry). */
  readonly afterClose: () => Promise<void>;
}

/** Time an ordered end may take before the process is ended all the same, milliseconds. */
const closeTimeoutMs = 12_000;

/**
 * Builds, listens, and on SIGTERM or SIGINT ends in order: take no more work, finish what runs (Fastify closes its
 * plugins last-registered first: consumers, relay, broker, cache, database), flush telemetry, exit.
 */
export async function runService(options: RunOptions): Promise<void> {
  const starting = new AbortController();
  let service: Service | undefined;

  closeWithGrace({ delay: closeTimeoutMs, logger: false }, async ({ err, signal }) => {
    starting.abort();
    if (err !== undefined) options.logger.fatal({ err }, 'unexpected error, ending');
    else options.logger.info({ signal }, 'ending');
    await service?.close();
    await options.afterClose();
  });

  try {
    service = await options.build(starting.signal);
    if (starting.signal.aborted) return;
    await service.listen({ host: options.host, port: options.port });
    options.logger.info({ host: options.host, port: options.port }, 'listening');
  } catch (error) {
    if (starting.signal.aborted) return;
    throw error;
  }
}
