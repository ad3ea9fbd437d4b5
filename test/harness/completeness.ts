/** Whether the traces of many orders are whole: judged as the control service does, read many at a time. */
import { type Judgement, judge } from '@microshop/control/completeness/outcome';
import { jaegerClient } from '@microshop/control/trace/jaeger';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from './mesh.ts';

/** Traces read at once: some 50 KB of JSON each. */
const atOnce = 25;

/** Pause between two times that those are read which are not whole yet, milliseconds. */
const pauseMs = 250;

/**
 * The judgement on each accepted order, by the trace id of its 201, once all are whole, or as it is when the deadline is
 * over. No gap excuses anything: what is not whole is incomplete.
 */
export async function judgementsOn(
  traceIds: readonly string[],
  deadlineMs: number,
): Promise<ReadonlyMap<string, Judgement>> {
  const traces = jaegerClient(mesh.jaeger);
  const judgements = new Map(traceIds.map((id) => [id, judge([], [])]));
  const open = () => [...judgements].flatMap(([id, { outcome }]) => (outcome === 'complete' ? [] : [id]));
  await eventuallyDespiteErrors(
    'every trace is whole',
    async () => {
      const ids = open();
      for (let from = 0; from < ids.length; from += atOnce) {
        for (const spans of await traces.traces(ids.slice(from, from + atOnce))) {
          const [first] = spans;
          if (first !== undefined) judgements.set(first.trace_id, judge(spans, []));
        }
      }
      return open().length === 0 ? true : undefined;
    },
    deadlineMs,
    pauseMs,
  ).catch((error: unknown) => {
    // the judgements say what is missing; that is more than that something is
    if (open().length === 0) throw error;
  });
  return judgements;
}
