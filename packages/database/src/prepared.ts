/**
 * Names of prepared statements. A statement with a name is parsed once for each connection, and planned a few times; after
 * that its values alone are sent. Without one the server parses and plans it at every use, and that is much of what a short
 * statement costs.
 */
import { createHash } from 'node:crypto';

/**
 * Texts that get a name. Each costs memory in the server, for each connection, for as long as that lives: texts
 * that someone composes again each time must not fill it. A service has some twenty; what comes after these goes without.
 */
export const maxNamed = 100;

const names = new Map<string, string>();

/**
 * The name of a statement's text, the same in every process: 42 bytes, where PostgreSQL cuts names at 63. Undefined
 * for one text too many.
 */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= maxNamed) return known;
  const name = `s_${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
  names.set(text, name);
  return name;
}

/**
 * Whether a statement failed only because of its name: the server does not know it any more (26000: `DISCARD ALL`, or a pooler has
 * given this transaction another session), knows it already (42P05: such a pooler again), or its table has
 * changed since (0A000, "cached plan must not change result type"; the text of messages can be in any language, the
 * routine stays). Nothing of the statement was done.
 */
export function failedByName(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code } = error;
  if (code === '26000' || code === '42P05') return true;
  return code === '0A000' && 'routine' in error && error.routine === 'RevalidateCachedQuery';
}
