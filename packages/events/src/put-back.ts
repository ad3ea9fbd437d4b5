/**
 * Puts a message that waits for a lock at the end of its own queue, when too many wait: a consumer holds a bounded number of
 * messages, and those behind them would wait, too.
 */
import { eventHeaders } from '@microshop/topology';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Broker } from './broker.ts';
import { copyOf, headerBudgets } from './copy.ts';
import type { Delivery } from './delivery.ts';

/**
 * Publishes a copy to the queue; true once the broker has it, so that the original can be acked. False when it is not known
 * to be there, or would not be the same message: then the original must stay. A copy that came to be there all the same
 * is a duplicate, as any other.
 */
export async function putBack(broker: Broker, queue: string, { message, alone }: Delivery): Promise<boolean> {
  const [budget] = headerBudgets;
  const { properties, headers, dropped } = copyOf(message, budget);
  if (dropped.length > 0) return false;
  // No span of its own, and the trace context as it is: the copy is processed below the span that published the event,
  // however often it was put back.
  const failure = await context.with(suppressTracing(context.active()), () =>
    broker.publish({
      exchange: '',
      routingKey: queue,
      content: message.content,
      options: { ...properties, headers: { ...headers, [eventHeaders.alone]: alone } },
      subject: message,
    }),
  );
  return failure === undefined;
}
