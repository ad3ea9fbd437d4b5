/**
 * Which addresses of requests may be recorded in spans and logs. A path and a query are the client's to choose, so an
 * e-mail or a key can stand in them: only what the API itself is made of is recorded as it came.
 */
import { services } from './services.ts';

/** Stands where something is withheld. */
export const withheld = '(withheld)';

const words = [...services.map(({ name }) => name), 'login', 'stock'].join('|');

/**
 * Regular expressions in what JavaScript and RE2 share. Envoy evaluates them in expressions that refuse larger ones (a
 * compiled size of 100), hence the parts.
 */
export const tellablePatterns = {
  path: `^/((api|docs)(/(${words}|[0-9]+))*/?)?$`,
  query: '^((ids|limit|user_id)=[0-9,]+(&|$))+$',
  /** An id has ten digits at most; a card or an account has more. */
  tooLong: '[0-9]{11}',
} as const;

const patterns = {
  path: new RegExp(tellablePatterns.path),
  query: new RegExp(tellablePatterns.query),
  tooLong: new RegExp(tellablePatterns.tooLong),
};

/** An address (`/path?query`) as it may be recorded: whole, without its query, or {@link withheld}. */
export function tellable(address: string): string {
  const [path = '', ...queries] = address.split('?');
  if (!patterns.path.test(path) || patterns.tooLong.test(path)) return withheld;
  const query = queries.join('?');
  return patterns.query.test(query) && !patterns.tooLong.test(query) ? `${path}?${query}` : path;
}
