/** Which orders are judged: a share, chosen by the trace id alone, so that what became of a trace cannot choose. */
import type { PlacedOrder } from './orders.ts';

/** Digits at the end of a trace id that are random in any case (W3C Trace Context, level 2), as far as a number is exact. */
const randomDigits = 13;

/** An order's place on the scale from 0 to 1; those below the share are chosen. */
function placeOf({ id, traceId }: PlacedOrder): number {
  // an order without a trace id has a number, and numbers times the golden ratio are spread evenly
  if (traceId === undefined) return (id * 0.618_033_988_749_895) % 1;
  return Number.parseInt(traceId.slice(-randomDigits), 16) / 16 ** randomDigits;
}

/** Takes orders as they come, and keeps at most `most` of them: of all, of every second one, every fourth, … */
export class Choice {
  readonly #most: number;
  #chosen: PlacedOrder[] = [];
  #share = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(order: PlacedOrder): void {
    this.#seen += 1;
    if (placeOf(order) < this.#share) this.#chosen.push(order);
    while (this.#chosen.length > this.#most) {
      this.#share /= 2;
      this.#chosen = this.#chosen.filter((one) => placeOf(one) < this.#share);
    }
  }

  get chosen(): readonly PlacedOrder[] {
    return this.#chosen;
  }

  /** Share that was chosen: 1, 0.5, 0.25, … */
  get share(): number {
    return this.#share;
  }

  /** Orders it was shown. */
  get seen(): number {
    return this.#seen;
  }
}
