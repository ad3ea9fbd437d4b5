/**
 * In which order deliveries are worked on: as they come, in batches; what was put off goes separately, so that a message
 * that has to wait (a row is locked, a handler fails) holds up no other.
 */
import type { Delivery } from './delivery.ts';

/** What {@link createLanes} needs. */
export interface LanesOptions {
  /** Pieces of work at the same time, of deliveries as they come. */
  readonly concurrency: number;
  /** Deliveries in one piece of work, when as many wait. */
  readonly batchSize: number;
  /** Never rejects. */
  readonly work: (batch: readonly Delivery[]) => Promise<void>;
  readonly closing: AbortSignal;
}

/** The deliveries that wait, and those that are worked on. */
export interface Lanes {
  /** Takes a delivery that has just come. */
  add(delivery: Delivery): void;
  /** Takes a delivery that is to be worked on again after that time, milliseconds. */
  postpone(delivery: Delivery, afterMs: number): void;
  /** Deliveries that were put off, and are not worked on now. */
  readonly postponed: number;
  /** Resolves when nothing is worked on; with `closing` nothing more is begun. */
  idle(): Promise<void>;
}

/** Pieces of work at the same time, of deliveries that were put off. */
const postponedConcurrency = 2;

/** Lanes without deliveries. */
export function createLanes({ concurrency, batchSize, work, closing }: LanesOptions): Lanes {
  /** Delivered, not begun. */
  const waiting: Delivery[] = [];
  let postponed: { readonly delivery: Delivery; readonly dueAt: number }[] = [];
  const underWay = new Set<Promise<void>>();
  const again = new Set<Promise<void>>();
  let planned = false;
  let timer: NodeJS.Timeout | undefined;

  // messages of a closed channel will be redelivered
  const isOpen = ({ lane }: Delivery) => lane.open;

  function nextBatch(): Delivery[] {
    let batch: Delivery[] = [];
    while (batch.length === 0 && waiting.length > 0) batch = waiting.splice(0, batchSize).filter(isOpen);
    return batch;
  }

  /** Those whose time has come: together, or the one that must go alone. */
  function dueBatch(): Delivery[] {
    if (postponed.length === 0) return [];
    postponed = postponed.filter(({ delivery }) => isOpen(delivery));
    const now = performance.now();
    const due = postponed.filter(({ dueAt }) => dueAt <= now).map(({ delivery }) => delivery);
    const [first] = due;
    if (first === undefined) return [];
    const batch = first.alone ? [first] : due.filter(({ alone }) => !alone).slice(0, batchSize);
    postponed = postponed.filter(({ delivery }) => !batch.includes(delivery));
    return batch;
  }

  function pump(): void {
    if (closing.aborted) return;
    fill(underWay, concurrency, nextBatch);
    fill(again, postponedConcurrency, dueBatch);
    clearTimeout(timer);
    if (postponed.length === 0 || again.size >= postponedConcurrency) return;
    const next = Math.min(...postponed.map(({ dueAt }) => dueAt));
    timer = setTimeout(pump, Math.max(1, next - performance.now())).unref();
  }

  function fill(set: Set<Promise<void>>, limit: number, take: () => Delivery[]): void {
    while (set.size < limit) {
      const batch = take();
      if (batch.length === 0) return;
      const piece: Promise<void> = work(batch).finally(() => {
        set.delete(piece);
        pump();
      });
      set.add(piece);
    }
  }

  /** After the other messages of the same read, so that they can go together. */
  function plan(): void {
    if (planned) return;
    planned = true;
    queueMicrotask(() => {
      planned = false;
      pump();
    });
  }

  return {
    add(delivery) {
      waiting.push(delivery);
      plan();
    },
    postpone(delivery, afterMs) {
      postponed.push({ delivery, dueAt: performance.now() + afterMs });
      plan();
    },
    get postponed() {
      return postponed.length;
    },
    async idle() {
      clearTimeout(timer);
      await Promise.all([...underWay, ...again]);
    },
  };
}
