/** The lines of the README's tour by run mode; the test is the same for all. */
import { type Mesh, mesh } from '../harness/mesh.ts';

/** What the tour does, as the README writes it. A line the README ends with ` &` goes on in the background. */
export interface TourCommands {
  /** Resolves when every part is healthy. */
  readonly up: string;
  /** Places an order; exit code 0 when it is confirmed. A failed one names its trace. */
  readonly order: string;
  /** The same for user 1 and product 1, which needs no other answer of the shop first. */
  readonly orderOfFirst: string;
  /** The trace of the first order. */
  readonly firstTrace: string;
  /** Any trace; has `<trace id>`. */
  readonly trace: string;
  /** `steady`, with a measured phase of 30 s. */
  readonly load: string;
  /** Stops and starts the service `users`. */
  readonly stop: string;
  readonly start: string;
  readonly down: string;
}

const byMode: Readonly<Partial<Record<Mesh['mode'], TourCommands>>> = {
  native: {
    up: './mesh up --detach',
    order: './mesh order',
    orderOfFirst: './mesh order --user 1 --product 1',
    firstTrace: './mesh trace 1',
    trace: './mesh trace <trace id>',
    load: './mesh load steady --rate 10 --duration 30s',
    stop: './mesh stop users',
    start: './mesh start users',
    down: './mesh down',
  },
};

/** The lines of the mode under test. Throws when the tour does not know it. */
export function commandsOfMode(): TourCommands {
  const commands = byMode[mesh.mode];
  if (commands === undefined) throw new Error(`The tour has no commands for the mode ${mesh.mode}`);
  return commands;
}
