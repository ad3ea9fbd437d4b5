/** `./mesh fault message`: delivers an event once more, or a message that no consumer can handle. */

import {
  consumers,
  type MadeMessage,
  type MessageRequest,
  poisonKinds,
} from '@microshop/control/messages/schemas';
import { commandName } from '@microshop/program-kit/typed-here';
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { UsageError } from '../output/errors.ts';
import { print, printJson } from '../output/output.ts';
import { positiveInteger } from '../output/values.ts';

interface MessageOptions {
  readonly duplicate?: boolean;
  readonly order?: string;
  readonly poison?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** What to ask for. Throws `UsageError`. */
export function messageRequestOf({ duplicate, order, poison, to }: MessageOptions): MessageRequest {
  const kinds = '--duplicate --order <id>, or --poison <kind>';
  if (duplicate === true && poison !== undefined) throw new UsageError(`Either ${kinds}, not both`);
  if (duplicate !== true && poison === undefined) throw new UsageError(`Say which message: ${kinds}`);
  if (poison === undefined) {
    if (to !== undefined) throw new UsageError('--to goes with --poison');
    if (order === undefined)
      throw new UsageError('--duplicate needs --order <id>: the order whose event is delivered again');
    return { kind: 'duplicate', order_id: positiveInteger('--order', order) };
  }
  if (order !== undefined)
    throw new UsageError('--order goes with --duplicate: a poison message belongs to no order');
  return {
    kind: 'poison',
    poison: oneOf('--poison', poison, poisonKinds),
    to: oneOf('--to', to ?? 'products', consumers),
  };
}

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} can be ${known.join(', ')}, not "${text}"`);
}

/** What happened, and what to look at next. */
export function madeLines(made: MadeMessage): string[] {
  const mesh = commandName();
  const { type, queue, consumer, message_id: id, order_id: orderId, letter_id: letterId } = made;
  const waits = made.consuming ? [] : [`${consumer} does not run; the message waits in ${queue}`];
  if (letterId === null) {
    return [
      `${type} of order ${orderId} is in ${queue} once more, id ${id}`,
      ...waits,
      made.order_ended === true
        ? `${consumer} knows the id, so nothing takes effect again. Look at`
        : 'The order is PENDING: its event takes effect once, whichever delivery comes first. Look at',
      `  ${mesh} trace ${orderId}`,
      '  shop_consumer_messages_total{shop_outcome="duplicate"} in Prometheus',
    ];
  }
  return [
    `A message that ${consumer} can never handle is in ${queue}:`,
    `  type ${type}, ${id === null ? 'no id' : `id ${id}`}`,
    ...waits,
    `${consumer} puts it into ${queue}.dlq with its reason${made.consuming ? '' : ' when it runs'}. Look at`,
    `  ${mesh} dlq list`,
    `  ${mesh} dlq drop ${letterId}`,
  ];
}

/** Adds the subcommand. */
export function registerFaultMessage(fault: Command): void {
  fault
    .command('message')
    .description('deliver an event once more, or send a consumer a message it can never handle')
    .option('--duplicate', 'the ORDER_CREATED of an order once more: same id, same trace')
    .option('--order <id>', 'which order, with --duplicate')
    .option('--poison <kind>', `a message that no consumer can handle: ${poisonKinds.join(', ')}`)
    .option('--to <service>', `consumer that gets the poison: ${consumers.join(', ')} (default: products)`)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  ./mesh fault message --duplicate --order 1\n  ./mesh fault message --poison not-json',
    )
    .action(async (options: MessageOptions) => {
      const made = await (await runningControl()).makeMessage(messageRequestOf(options));
      if (options.json === true) printJson(made);
      else print(...madeLines(made));
    });
}
