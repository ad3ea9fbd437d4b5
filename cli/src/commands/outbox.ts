/** `./mesh outbox list|retry`: events that were set aside or lost. */

import {
  longestAgeMs,
  lostAfterMs,
  type OutboxList,
  type RetriedEvent,
  type RetryBody,
} from '@microshop/control/outbox/schemas';
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { tableLines } from '../output/columns.ts';
import { CommandFailed, UsageError } from '../output/errors.ts';
import { folded, print, printJson } from '../output/output.ts';
import { durationMs, durationText } from '../output/values.ts';

interface ListOptions {
  readonly olderThan: string;
  readonly json?: boolean;
}

interface RetryOptions extends ListOptions {
  readonly setAside?: boolean;
  readonly lost?: boolean;
}

/** The list for people. */
export function outboxLines(list: OutboxList): string[] {
  const seconds = (age: number) => `${Math.round(age)} s`;
  const rows = [
    ...list.set_aside.map((row) => [
      row.service,
      'set aside',
      row.type,
      row.order_id === null ? '' : String(row.order_id),
      seconds(row.age_s),
      row.message_id,
    ]),
    ...list.lost.map((row) => [
      'orders',
      'lost',
      'ORDER_CREATED',
      String(row.order_id),
      seconds(row.age_s),
      row.message_id ?? '',
    ]),
  ];
  const titles = ['service', 'state', 'type', 'order', 'age', 'message id'];
  const table = tableLines(titles, rows, ['order', 'age']);
  // a reason may be long, so it gets its own line
  const withReason = (lines: readonly string[], index: number) => {
    const reason = list.set_aside[index]?.reason;
    return reason === undefined ? lines : [...lines, ...folded(`  ${reason}`)];
  };
  const more = list.set_aside_count - list.set_aside.length + list.lost_count - list.lost.length;
  return [
    `${list.waiting} waiting to be sent, ${list.set_aside_count} set aside, ${list.lost_count} lost`,
    ...(list.under_way + list.waiting > 0
      ? [`${list.under_way} are in the queues; an order counts as lost only when none is on its way`]
      : []),
    ...(rows.length === 0 ? [] : [...table.top, ...table.rows.flatMap(withReason)]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

/** What to send again: the message ids and order ids that were typed. Throws `UsageError`. */
export function retryOf(
  ids: readonly string[],
  { setAside, lost }: RetryOptions,
  olderThanMs: number,
): RetryBody {
  if (ids.length === 0 && setAside !== true && lost !== true) {
    throw new UsageError(
      'Say which: ids of events or orders, --set-aside or --lost; ./mesh outbox list shows them',
    );
  }
  const orders = ids.filter((id) => /^[1-9]\d{0,9}$/.test(id));
  const messages = ids.filter((id) => !orders.includes(id));
  const odd = messages.find((id) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id));
  if (odd !== undefined) throw new UsageError(`"${odd}" is neither the id of an event nor of an order`);
  return {
    older_than_ms: olderThanMs,
    ...(messages.length > 0 ? { message_ids: messages } : {}),
    ...(orders.length > 0 ? { order_ids: orders.map(Number) } : {}),
    ...(setAside === true ? { set_aside: true } : {}),
    ...(lost === true ? { lost: true } : {}),
  };
}

/** The typed ids for which nothing was sent. */
export function notSent(ids: readonly string[], events: readonly RetriedEvent[]): string[] {
  const sent = new Set(
    events.flatMap(({ message_id: message, order_id: order }) => [message.toLowerCase(), String(order)]),
  );
  return ids.filter((id) => !sent.has(id.toLowerCase()));
}

/** Adds the commands to the program. */
export function registerOutbox(program: Command): void {
  const outbox = program
    .command('outbox')
    .description('events that cannot be sent, or were lost with the broker: list them, send them again')
    .addHelpText('after', '\nExample:\n  ./mesh outbox list\n  ./mesh outbox retry --lost');
  const json = ['--json', 'print one JSON document'] as const;
  const olderThan = [
    '--older-than <duration>',
    'age from which the event of an order that has not ended counts as lost',
    `${lostAfterMs / 1000}s`,
  ] as const;

  outbox
    .command('list')
    .description('events that were set aside, and orders whose event was lost, with age and reason')
    .option(...olderThan)
    .option(...json)
    .addHelpText('after', '\nExample:\n  ./mesh outbox list')
    .action(async (options: ListOptions) => {
      const olderThanMs = ageOf(options);
      const list = await (await runningControl()).outbox(olderThanMs);
      if (options.json === true) printJson(list);
      else print(...outboxLines(list));
    });

  outbox
    .command('retry')
    .description('send events again: those set aside by message id, those of orders by order id')
    .argument('[id...]', 'message ids or order ids, as the list shows them')
    .option('--set-aside', 'every event that was set aside')
    .option('--lost', 'the event of every order that is listed as lost')
    .option(...olderThan)
    .option(...json)
    .addHelpText('after', '\nExample:\n  ./mesh outbox retry --lost')
    .action(async (ids: string[], options: RetryOptions) => {
      const wanted = retryOf(ids, options, ageOf(options));
      const events = await (await runningControl()).retryOutbox(wanted);
      const left = notSent(ids, events);
      if (options.json === true) printJson({ events, not_sent: left });
      else if (events.length === 0 && left.length === 0) print('Nothing had to be sent again');
      else {
        print(
          ...events.map(({ type, message_id: messageId, order_id: orderId, anew }) => {
            const how = anew ? 'written again, in a new trace' : 'sent again';
            return `${type} ${messageId}${orderId === null ? '' : ` of order ${orderId}`}: ${how}`;
          }),
        );
      }
      if (left.length > 0) {
        throw new CommandFailed(
          `Nothing was sent for ${left.join(', ')}: only an order that exists and has not ended has an event to send; ./mesh outbox list shows what waits`,
        );
      }
    });

  for (const command of outbox.commands) command.exitOverride().showHelpAfterError('(./mesh help shows how)');
}

function ageOf({ olderThan }: ListOptions): number {
  const ms = durationMs('--older-than', olderThan);
  if (ms > longestAgeMs)
    throw new UsageError(`--older-than can be ${durationText(longestAgeMs)} at most, not "${olderThan}"`);
  return Math.round(ms);
}
