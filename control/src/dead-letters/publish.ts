/** Publishes one message, and knows that it lies in a queue. */
import { eventHeaders } from '@microshop/topology';
import { type ConfirmChannel, IllegalOperationError, type Options } from 'amqplib';

/** Time the broker has to confirm one message, milliseconds. */
const confirmLimitMs = 5000;

/** Headers that the shop reads: all that is sent again of those that cannot be published as they are. */
const ownHeaders: readonly string[] = ['traceparent', 'tracestate', 'baggage', eventHeaders.created];

/** With the headers that the shop reads only. */
function bare(options: Options.Publish): Options.Publish {
  const given: Readonly<Record<string, unknown>> = { ...options.headers };
  const headers = [...ownHeaders, eventHeaders.refused].flatMap((name) =>
    given[name] === undefined ? [] : [[name, given[name]] as const],
  );
  return { ...options, headers: Object.fromEntries(headers) };
}

/** Where a message goes: a queue by its name through the exchange without one, or whatever an exchange binds to a key. */
export interface Target {
  /** `''` is the exchange without a name. */
  readonly exchange: string;
  readonly routingKey: string;
}

/** Resolves when the broker has the message in a queue. Throws when it refuses, does not answer, or no queue takes it. */
export async function publishConfirmed(
  channel: ConfirmChannel,
  { exchange, routingKey }: Target,
  content: Buffer,
  options: Options.Publish,
): Promise<void> {
  const confirmed = Promise.withResolvers<void>();
  const noQueue =
    exchange === '' ? `There is no queue ${routingKey}` : `No queue takes ${routingKey} from ${exchange}`;
  const onReturn = () => confirmed.reject(new Error(noQueue));
  const onClose = () => confirmed.reject(new Error('The broker closed the channel before it confirmed'));
  const late = setTimeout(
    () => confirmed.reject(new Error(`The broker did not confirm within ${confirmLimitMs} ms`)),
    confirmLimitMs,
  );
  channel.on('return', onReturn);
  channel.on('close', onClose);
  try {
    const send = (chosen: Options.Publish) =>
      channel.publish(exchange, routingKey, content, { ...chosen, mandatory: true }, (error: unknown) =>
        error === null || error === undefined ? confirmed.resolve() : confirmed.reject(error),
      );
    try {
      send(options);
    } catch (error) {
      if (error instanceof IllegalOperationError) throw error;
      // the headers fit into no frame: the broker takes larger ones than its client sends
      send(bare(options));
    }
    await confirmed.promise;
  } finally {
    clearTimeout(late);
    channel.off('return', onReturn);
    channel.off('close', onClose);
  }
}
