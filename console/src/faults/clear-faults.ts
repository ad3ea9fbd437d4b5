/** The end of faults, wherever on the page it is asked for. */
import { Type } from 'typebox';
import { ask } from '../api/ask.ts';

const clearedSchema = Type.Object({ cleared: Type.Integer() });

/** Ends the faults of a service, or all. */
export const clearFaults = (service: string | undefined) =>
  ask(clearedSchema, service === undefined ? '/api/faults' : `/api/faults?service=${service}`, {
    method: 'DELETE',
  });
