/** A client that keeps its key and asks again until it is answered, and a ledger of all it was answered; of whichever shop. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** What the ledger keeps of one request. */
export interface LedgerLine {
  readonly key: string;
  readonly order_id: number | null;
  /** 0 without an answer. */
  readonly status: number;
  readonly trace_id: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly t: number;
}

/** What a buyer reads of an answer. */
export interface OrderReply {
  readonly status: number;
  readonly body: { readonly id: number };
  readonly traceId: string;
}

/** How a buyer asks. */
export interface BuyerOptions {
  /** Time after which it gives up, milliseconds. */
  readonly patienceMs: number;
  /** Answers after which it asks again; no answer at all always is one. */
  readonly again: (status: number) => boolean;
  /** Pause between two requests, milliseconds. */
  readonly pauseMs?: number;
}

/** The last answer, undefined when there never was one, and every line of the ledger. */
export interface Purchase<Reply extends OrderReply> {
  readonly key: string;
  readonly last: Reply | undefined;
  readonly lines: readonly LedgerLine[];
}

/** No answer and every 5xx and 429: the request may or may not have been done, and the key tells. */
export const untilAnswered = (status: number): boolean => status >= 500 || status === 429;

/** Buys with one key: `place` sends one request with it. Never rejects. */
export async function buyBy<Reply extends OrderReply>(
  place: (key: string) => Promise<Reply>,
  options: BuyerOptions,
): Promise<Purchase<Reply>> {
  const { patienceMs, again, pauseMs = 200 } = options;
  const key = randomUUID();
  const lines: LedgerLine[] = [];
  const end = performance.now() + patienceMs;
  for (;;) {
    const t = Date.now();
    // the gateway is down, or breaks off
    const answer = await place(key).catch(() => undefined);
    lines.push({
      key,
      order_id: answer?.status === 201 ? answer.body.id : null,
      status: answer?.status ?? 0,
      trace_id: answer?.traceId ?? '',
      t,
    });
    const goesOn = answer === undefined || again(answer.status);
    if (!goesOn || performance.now() > end) return { key, last: answer, lines };
    await delay(pauseMs);
  }
}

/** Starts `rate` buyers each second for that time, whether or not those before have been answered; waits for all. */
export function steadily<Outcome>(
  rate: number,
  durationMs: number,
  buyer: () => Promise<Outcome>,
): Promise<Outcome[]> {
  return steadilyWhile(rate, (passedMs) => passedMs < durationMs, buyer);
}

/** The same as long as that holds; it is asked with the time that has passed, milliseconds, before each buyer. */
export async function steadilyWhile<Outcome>(
  rate: number,
  goesOn: (passedMs: number) => boolean,
  buyer: () => Promise<Outcome>,
): Promise<Outcome[]> {
  const buyers: Promise<Outcome>[] = [];
  const began = performance.now();
  for (let started = 0; goesOn((started * 1000) / rate); started += 1) {
    const pause = began + (started * 1000) / rate - performance.now();
    if (pause > 0) await delay(pause);
    buyers.push(buyer());
  }
  return await Promise.all(buyers);
}
