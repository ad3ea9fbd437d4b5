/** Takes the origin of a request into its trace: as baggage, it reaches every service and every consumer. */
import { attributes, type Origin, originHeader, origins } from '@microshop/topology';
import { context, propagation, trace } from '@opentelemetry/api';

/** The origin a request names; `undefined` for none, or one that is not in the list. */
export function originOf(headers: Readonly<Record<string, unknown>>): Origin | undefined {
  return origins.find((one) => one === headers[originHeader]);
}

/** Runs the work with the origin in its baggage and on the active span. Without an origin it just runs it. */
export async function withOrigin<T>(origin: Origin | undefined, work: () => Promise<T>): Promise<T> {
  if (origin === undefined) return await work();
  trace.getActiveSpan()?.setAttribute(attributes.origin, origin);
  const baggage = (propagation.getActiveBaggage() ?? propagation.createBaggage()).setEntry(
    attributes.origin,
    { value: origin },
  );
  return await context.with(propagation.setBaggage(context.active(), baggage), work);
}
