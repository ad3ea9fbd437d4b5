/** A failure of a process that the page asks for, and what is said of it. */
import { instantFaultNames, longestFaultMs, timedFaultNames } from '@microshop/program-kit/process-faults';
import { type Static, Type } from 'typebox';

/** Where it is asked for (POST). */
export const processFaultPath = '/api/console/process-faults';

/** Body of POST. */
export const processWishSchema = Type.Object(
  {
    /** A part as `./mesh status` names it. */
    part: Type.String({ pattern: '^[a-z][a-z0-9-]{0,50}$' }),
    kind: Type.Enum([...instantFaultNames, ...timedFaultNames]),
    /** How long, milliseconds; of what lasts for a time only. */
    for_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: longestFaultMs })),
  },
  { additionalProperties: false },
);

/** A failure that is wished for. */
export type ProcessWish = Static<typeof processWishSchema>;

/** Answer of POST: what the command printed. */
export const processDoneSchema = Type.Object({ said: Type.String() });
