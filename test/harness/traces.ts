/** Traces as the control service judges them. */

import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from './mesh.ts';

/** A span as `./mesh trace --json` prints it. */
export interface SpanAnswer {
  readonly service: string;
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  readonly error: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** A verdict as `./mesh trace --json` prints it. */
export interface VerdictAnswer {
  readonly trace_id: string | null;
  readonly of: 'order' | 'repeat' | 'request';
  readonly order_id: number | null;
  readonly complete: boolean;
  readonly missing: readonly string[];
  readonly roots: number;
  readonly orphans: number;
  readonly spans: readonly SpanAnswer[];
}

/** How long is waited for a whole trace unless the test says otherwise, milliseconds. */
const usualLimitMs = 60_000;

/** Pause between two polls of a trace, milliseconds: Jaeger and the control service read some 50 KB for each. */
const pauseMs = 150;

async function verdict(path: string): Promise<VerdictAnswer | undefined> {
  const response = await fetch(new URL(path, mesh.control), { signal: AbortSignal.timeout(10_000) });
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  const body: VerdictAnswer = JSON.parse(await response.text());
  return body;
}

/** The verdict on an order, once its trace is complete, or as it is when the deadline is over. */
export function completeTrace(orderId: number, deadlineMs = usualLimitMs): Promise<VerdictAnswer> {
  return whenComplete(`/api/orders/${orderId}/trace`, deadlineMs);
}

/** The same for an order's trace id, which Jaeger need not search for. */
export function completeTraceOf(traceId: string, deadlineMs = usualLimitMs): Promise<VerdictAnswer> {
  return whenComplete(`/api/traces/${traceId}`, deadlineMs);
}

async function whenComplete(path: string, deadlineMs: number): Promise<VerdictAnswer> {
  let last: VerdictAnswer | undefined;
  try {
    return await eventuallyDespiteErrors(
      `${path} is complete`,
      async () => {
        last = await verdict(path);
        return last?.complete === true ? last : undefined;
      },
      deadlineMs,
      pauseMs,
    );
  } catch (error) {
    // the test says what is missing; that is more than that something is
    if (last !== undefined) return last;
    throw error;
  }
}

/** Spans that are in Jaeger now, of an order or of any trace. */
export async function spansOfOrder(of: number | { traceId: string }): Promise<readonly SpanAnswer[]> {
  const path = typeof of === 'number' ? `/api/orders/${of}/trace` : `/api/traces/${of.traceId}`;
  return (await verdict(path))?.spans ?? [];
}
