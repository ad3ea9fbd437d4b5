/**
 * Bugs that can be put into the code of a service, or of the control service, so that the search shows what it is worth: the search
 * itself does not know of them. The processes are started with them and, at the end, without; no file is changed.
 */
import { UsageError } from '@microshop/cli/output/errors';
import { Option } from 'commander';
import type { EditedCode } from '../mutants/restarted.ts';

/** A bug that can be put in. */
export interface Planted {
  readonly name: string;
  /** What is wrong then. */
  readonly says: string;
  readonly code: EditedCode;
}

/** Every bug. */
export const planted: readonly Planted[] = [
  {
    name: 'confirm-ignored',
    says: 'an event counts as published before the broker has confirmed it',
    code: {
      service: 'orders',
      edits: [
        {
          file: 'packages/events/src/relay.ts',
          from: "failpoint('relay.leased');",
          to: 'await markPublished(sql, rows.map((row) => row.id));',
        },
      ],
    },
  },
  {
    name: 'dedupe-off',
    says: 'an event that was delivered twice takes stock twice',
    code: {
      service: 'products',
      edits: [
        {
          file: 'packages/events/src/inbox.ts',
          from: 'return [...byId.values()].filter((event) => fresh.has(event.messageId));',
          to: 'return [...byId.values()];',
        },
        // the second guard, the outcome that is kept for each order
        {
          file: 'services/products/src/domain/reservation.ts',
          from: 'if (before.has(orderId) || outcomes.has(orderId)) continue;',
          to: 'if (outcomes.has(orderId)) continue;',
        },
        // and the constraint by which the database would refuse it
        {
          file: 'services/products/src/store/reservations.ts',
          from: "select product_id, -quantity, 'reserved', order_id from line",
          to: "select product_id, -quantity, 'reserved', order_id from line on conflict do nothing",
        },
        {
          file: 'services/products/src/store/reservations.ts',
          from: 'select * from unnest($4::integer[], $5::text[])',
          to: 'select * from unnest($4::integer[], $5::text[]) on conflict do nothing',
        },
      ],
    },
  },
  {
    name: 'stock-unguarded',
    says: 'stock is taken without a check that it is there',
    code: {
      service: 'products',
      edits: [
        {
          file: 'services/products/src/domain/reservation.ts',
          from: 'if (available !== null && available >= line.quantity) return [];',
          to: 'if (available !== null) return [];',
        },
        // the database would refuse a stock below zero
        {
          file: 'services/products/src/store/reservations.ts',
          from: 'set stock = stock - sum.quantity',
          to: 'set stock = greatest(0, stock - sum.quantity)',
        },
      ],
    },
  },
  {
    name: 'key-not-unique',
    says: 'a key with which another request is just placing an order places a second one',
    code: {
      service: 'orders',
      edits: [
        {
          file: 'services/orders/src/domain/place-order.ts',
          from: 'await orders.place({ userId: request.userId, lines, key, hash });',
          to: `(await orders.place({ userId: request.userId, lines, key, hash })) ??
        (await orders.place({ userId: request.userId, lines, key: undefined, hash }));`,
        },
      ],
    },
  },
  {
    name: 'post-retried',
    says: 'an order that an app has failed is sent again by the gateway',
    code: {
      service: 'control',
      edits: [
        {
          file: 'envoy/src/gateway.ts',
          from: 'retry_policy: retryPolicy(policy),',
          to: "retry_policy: retryPolicy({ ...policy, retryOn: policy.retryOn + ',5xx' }),",
        },
      ],
    },
  },
  {
    name: 'lease-for-ever',
    says: 'the lease of an event never expires: one that a dead relay had taken stays in the outbox',
    code: {
      service: 'orders',
      edits: [
        {
          file: 'packages/events/src/outbox.ts',
          from: 'and (claimed_until is null or claimed_until < clock_timestamp())',
          to: 'and claimed_until is null',
        },
        // unconfirmed events are still retried
        {
          file: 'packages/events/src/outbox.ts',
          from: "`update outbox set claimed_until = clock_timestamp() + $2 * interval '1 millisecond', last_error = $3",
          to: '`update outbox set claimed_until = null, last_error = case when $2::float8 >= 0 then $3 end',
        },
      ],
    },
  },
  {
    name: 'ack-before-commit',
    says: 'an event is acknowledged before its effect is committed',
    code: {
      service: 'products',
      edits: [
        {
          file: 'packages/events/src/consumer.ts',
          from: '    lane.held.add(message);\n',
          to: '    lane.held.add(message);\n    lane.channel.ack(message);\n',
        },
        {
          file: 'packages/events/src/consumer.ts',
          from: 'if (ack && lane.open) lane.channel.ack(message);',
          to: '',
        },
      ],
    },
  },
  {
    name: 'trace-lost',
    says: 'an event that is redone after its batch failed has lost its trace',
    code: {
      service: 'products',
      edits: [
        {
          file: 'packages/events/src/effects.ts',
          from: "delivery: { ...delivery, alone: true }, outcome: 'later'",
          to: "delivery: { ...delivery, alone: true, context: ROOT_CONTEXT }, outcome: 'later'",
        },
      ],
    },
  },
  {
    name: 'breaker-stays-open',
    says: 'a breaker that has opened never closes',
    code: {
      service: 'orders',
      edits: [
        {
          file: 'packages/mesh-client/src/breaker.ts',
          from: '    resetTimeout: policy.resetTimeoutMs,',
          to: '    resetTimeout: 3_600_000,',
        },
      ],
    },
  },
  {
    name: 'fault-stays',
    says: 'a fault that is ended stays in the sidecars',
    code: {
      service: 'control',
      edits: [
        {
          file: 'control/src/changes/fault-book.ts',
          from: 'const left = (await book.write()).faults;',
          to: 'const left = (await book.read()).faults;',
        },
      ],
    },
  },
  {
    name: 'consumer-stays-dead',
    says: 'a consumer whose channel was lost opens no other',
    code: {
      service: 'products',
      edits: [
        {
          file: 'packages/events/src/kept-channel.ts',
          from: '      failures += 1;\n',
          to: '      return;\n',
        },
      ],
    },
  },
  {
    name: 'refusal-forgotten',
    says: 'an order that gets no stock is not answered',
    code: {
      service: 'products',
      edits: [
        {
          file: 'services/products/src/events/order-created.ts',
          from: 'return outcome === undefined ? [] :',
          to: "return outcome === undefined || outcome.kind === 'rejected' ? [] :",
        },
      ],
    },
  },
];

/** In place of a name: each of them, one after the other. */
export const everyPlanted = 'all';

/** The bug of that name. Throws `UsageError`. */
export function plantedNamed(name: string): Planted {
  const found = planted.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no planted bug "${name}"; there are ${planted.map((one) => one.name).join(', ')}`,
  );
}

/** `--planted`, which help does not list: nobody needs it but to measure the search. */
export function plantedOption(): Option {
  const names = planted.map(({ name }) => name).join(', ');
  return new Option('--planted <name>', `run with a bug: ${names}`).hideHelp();
}
