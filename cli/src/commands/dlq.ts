/** `./mesh dlq list|replay|drop`: dead letters. */

import type { ActionResult, DeadLetter, Selection } from '@microshop/control/dead-letters/schemas';
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { tableLines } from '../output/columns.ts';
import { UsageError } from '../output/errors.ts';
import { folded, print, printJson } from '../output/output.ts';

function selection(ids: readonly string[], all: boolean | undefined): Selection {
  if (ids.length > 0 === (all === true)) {
    throw new UsageError('Say which dead letters: their ids, or --all; ./mesh dlq list shows them');
  }
  return all === true ? 'all' : ids;
}

function show(results: readonly ActionResult[], json: boolean | undefined): void {
  if (json === true) printJson({ results });
  else if (results.length === 0) print('There are no dead letters');
  else print(...results.map(({ letter, outcome }) => `${letter.type ?? 'no type'} ${letter.id}: ${outcome}`));
}

function row({ id, queue, type, order_id: orderId }: DeadLetter): string[] {
  return [id, queue, type ?? '', orderId === null ? '' : String(orderId)];
}

/** The list for people. */
export function dlqLines(letters: readonly DeadLetter[]): string[] {
  const { top, rows } = tableLines(['id', 'queue', 'type', 'order'], letters.map(row), ['order']);
  // a reason may be long, so it gets its own line
  return [
    ...top,
    ...letters.flatMap(({ reason }, index) => [...(rows[index] ?? []), ...folded(`  ${reason}`)]),
  ];
}

/** Adds the commands to the program. */
export function registerDlq(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: list them, send them again, drop them')
    .addHelpText('after', '\nExample:\n  ./mesh dlq list\n  ./mesh dlq replay --all');
  const json = ['--json', 'print one JSON document'] as const;

  dlq
    .command('list')
    .description('every message that could not be consumed, and why')
    .option(...json)
    .addHelpText('after', '\nExample:\n  ./mesh dlq list')
    .action(async (options: { json?: boolean }) => {
      const letters = await (await runningControl()).deadLetters();
      if (options.json === true) printJson({ dead_letters: letters });
      else if (letters.length === 0) print('There are no dead letters');
      else print(...dlqLines(letters));
    });

  dlq
    .command('replay')
    .description('send dead letters again to their queue, with the same id and trace')
    .argument('[id...]', 'ids as the list shows them')
    .option('--all', 'every dead letter')
    .option(...json)
    .addHelpText('after', '\nExample:\n  ./mesh dlq replay --all')
    .action(async (ids: string[], options: { all?: boolean; json?: boolean }) => {
      const which = selection(ids, options.all);
      show(await (await runningControl()).replay(which), options.json);
    });

  dlq
    .command('drop')
    .description('delete dead letters permanently; an order whose ORDER_CREATED is dropped is rejected')
    .argument('[id...]', 'ids as the list shows them')
    .option('--all', 'every dead letter')
    .option('--reason <text>', 'why, for the client that ordered', 'Dropped by the operator')
    .option(...json)
    .addHelpText('after', '\nExample:\n  ./mesh dlq drop --all --reason "product withdrawn"')
    .action(async (ids: string[], options: { all?: boolean; reason: string; json?: boolean }) => {
      const which = selection(ids, options.all);
      show(await (await runningControl()).drop(which, options.reason), options.json);
    });
}
