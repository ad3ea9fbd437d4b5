/** A sale: many buyers for few units, from a k6 of its own beside the usual load. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runScenario, summaryOf } from '@microshop/cli/load/scenario';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Answer, readAnswers } from './answers.ts';
import type { Fault } from './definition.ts';
import type { Witness } from './facts.ts';
import { begun, furtherLoads, ledgerFile } from './load-left.ts';
import type { SetFault } from './set-fault.ts';

/** What k6 says of a sale, as far as it is read here. */
const soldSchema = Type.Object({ sold: Type.Number() });

/** What k6 is started with. */
export interface SaleHands {
  readonly addresses: MeshAddresses;
  /** Path of k6. */
  readonly k6: string;
  /** Directory of the run; the sale has a folder in it. */
  readonly directory: string;
  /** Ends it early. */
  readonly interrupted?: AbortSignal;
}

/** This share of the buyers must have come, or it was another sale. */
const leastCame = 0.9;

/**
 * Starts it; returns when the first buyer has come. Its end waits until every order of it has ended, unless the run is
 * interrupted.
 */
export async function sale(
  { rate, seconds, units }: Fault & { readonly kind: 'sale' },
  { addresses, k6, directory, interrupted }: SaleHands,
): Promise<SetFault> {
  const reports = path.join(directory, furtherLoads.sale);
  const ledger = path.join(reports, ledgerFile);
  const ending = new AbortController();
  const run = runScenario({
    scenario: 'flash-sale',
    rate,
    seconds,
    k6,
    addresses,
    reports,
    summary: 'ignore',
    progress: 'ignore',
    settings: { STOCK: String(units) },
    signal: AbortSignal.any([ending.signal, ...(interrupted === undefined ? [] : [interrupted])]),
  });
  // whoever ends the fault gets the error
  run.catch(() => undefined);
  await begun(run, ledger, ending);
  return {
    async heal() {
      await run;
      const { sale: sold } = await summaryOf(reports);
      const answers = readAnswers(await readFile(ledger, 'utf8'));
      return saleWitness(answers, rate * seconds, Value.Check(soldSchema, sold) ? sold.sold : undefined);
    },
  };
}

/** What was seen of a sale to which so many buyers should have come. */
export function saleWitness(
  answers: readonly Pick<Answer, 'status' | 'code'>[],
  buyers: number,
  sold: number | undefined,
): Witness {
  const accepted = answers.filter(({ status }) => status === 201).length;
  const refused = answers.filter(({ code }) => code === 'not_enough_stock').length;
  return {
    landed: answers.length >= leastCame * buyers && refused > 0,
    saw: `${answers.length} buyers came, ${accepted} orders were accepted, ${refused} refused as it was sold out, ${sold ?? 'an unknown number of'} units sold`,
    ...(sold === undefined ? {} : { sold }),
  };
}
