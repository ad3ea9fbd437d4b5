/** Reads the map: once for all who ask at the same time. What does not answer is named, the rest is shown. */
import { messageOf } from '@microshop/program-kit/errors';
import type { Placement } from '@microshop/topology';
import type { ChangeBook } from '../changes/book.ts';
import { type Figures, readFigures, windowSeconds } from './figures.ts';
import { mapEdges, mapNodes } from './overview.ts';
import { type PartAddresses, readParts } from './parts.ts';
import type { Overview } from './schemas.ts';
import type { OrderTraffic } from './traffic.ts';

/** What {@link overviewReader} needs. */
interface ReadingOptions {
  readonly placement: Placement;
  readonly addresses: PartAddresses;
  /** Faults and policies. */
  readonly changes: Pick<ChangeBook, 'read'>;
  readonly traffic: OrderTraffic;
}

/** What takes its time, for others are asked. */
interface Measured extends Pick<Overview, 'at' | 'parts' | 'lacks'> {
  readonly figures: Figures | undefined;
}

/** Reads the map. */
export interface OverviewReader {
  /** What is known without asking anybody: places, ways and what was changed; no part, and no figure. */
  early(): Promise<Overview>;
  /** All of it. Takes as long as the slowest part, 2 s at most. */
  whole(): Promise<Overview>;
}

/** A reader for every page. */
export function overviewReader({ placement, addresses, changes, traffic }: ReadingOptions): OverviewReader {
  let underWay: Promise<Measured> | undefined;

  async function measure(): Promise<Measured> {
    const at = Date.now();
    const lacks: string[] = [];
    const [parts, figures] = await Promise.all([
      readParts(placement, addresses),
      readFigures(addresses.prometheus, at).catch((error: unknown) => {
        lacks.push(`Figures: ${messageOf(error)}`);
        return undefined;
      }),
    ]);
    return { at, parts, figures, lacks };
  }

  function measured(): Promise<Measured> {
    underWay ??= measure().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  /** What was changed is read last: whoever changed something finds it, whatever was under way. */
  async function overviewOf({ at, parts, figures, lacks }: Measured): Promise<Overview> {
    return {
      at,
      window_s: windowSeconds,
      nodes: mapNodes(placement),
      edges: mapEdges(figures, await changes.read()),
      parts,
      traffic: traffic.state(),
      lacks,
    };
  }

  return {
    early: () => overviewOf({ at: Date.now(), parts: [], figures: undefined, lacks: [] }),
    whole: async () => overviewOf(await measured()),
  };
}
