/** Envoys without tracing. */
import type { EnvoyEdit } from './edited-files.ts';

/** Takes the tracing of connection managers; anything else of that name stays. */
export const untraced: EnvoyEdit = {
  takes: 'tracing',
  without(one) {
    const { tracing, ...rest } = one;
    const type = one['@type'];
    const manager = typeof type === 'string' && type.endsWith('.HttpConnectionManager');
    return manager && tracing !== undefined ? rest : one;
  },
};
