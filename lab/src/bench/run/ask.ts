/** Asks for one path again and again, at a rate that does not wait for answers. */
import { CommandFailed } from '@microshop/cli/output/errors';
import { originHeader } from '@microshop/topology';
import { Pool } from 'undici';
import { type Arrivals, arrive, connectionsOf } from './arrivals.ts';

/** What came of it. */
export interface Asked {
  readonly answered: number;
  /** Answers 429 or 5xx: a machine with more to do than it can. */
  readonly refused: number;
  /** From the first request to the last answer, seconds. */
  readonly seconds: number;
}

/** Asks. Throws `CommandFailed` for an answer that is neither 200 nor one of a machine with too much to do. */
export async function ask(
  url: string,
  path: string,
  perSecond: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Asked> {
  const arrivals: Arrivals = { kind: 'open', perSecond };
  const pool = new Pool(url, { connections: connectionsOf(arrivals), pipelining: 1 });
  const headers = { [originHeader]: 'load' };
  let answered = 0;
  let refused = 0;
  try {
    const taken = await arrive(arrivals, seconds, signal, async () => {
      const answer = await pool.request({ method: 'GET', path, headers });
      const text = await answer.body.text();
      if (answer.statusCode === 200) answered += 1;
      else if (answer.statusCode >= 500 || answer.statusCode === 429) refused += 1;
      else throw new CommandFailed(`GET ${path} was answered ${answer.statusCode}: ${text}`);
    });
    return { answered, refused, seconds: taken };
  } finally {
    await pool.close();
  }
}
