/** What spans say about statements: their shape, never a value. */

/**
 * Parts of a SQL text that are looked at, in the order in which they are tried: comments (they may hold
 * anything), texts with backslashes, texts, texts between dollars, names and placeholders, numbers, white space. What is not ended goes on to
 * the end of the statement.
 */
const parts = new RegExp(
  [
    /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<escaped>\b[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$))/,
    /(?<text>(?:\b(?:[bBxXnN]|[uU]&))?'(?:[^']|'')*(?:'|$))/,
    /(?<dollars>\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$))/,
    /(?<name>"(?:[^"]|"")*(?:"|$)|\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<number>\.?\d[\w.]*)/,
    /(?<space>\s+)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** A statement on one line with `?` in place of each literal, and without comments. Placeholders stay. */
export function withoutLiterals(sql: string): string {
  return sql.replaceAll(parts, (found, ...rest) => {
    const groups: Record<string, string | undefined> = rest.at(-1);
    if (groups['name'] !== undefined) return found;
    return groups['comment'] === undefined && groups['space'] === undefined ? '?' : ' ';
  });
}

/** Statements whose texts are remembered; the services have some forty. */
const remembered = 200;

const known = new Map<string, string>();

/** {@link withoutLiterals}, remembered: with bound parameters the same few statements are repeated. */
export function statementText(sql: string): string {
  const before = known.get(sql);
  if (before !== undefined) return before;
  const text = withoutLiterals(sql);
  if (known.size >= remembered) known.clear();
  known.set(sql, text);
  return text;
}

/** A command of Redis without its keys and values: `mget ? ?`, or `mget ? … (101)` when there are many. */
export function commandText(name: string, args: readonly unknown[]): string {
  if (args.length > 3) return `${name} ? … (${args.length})`;
  return [name, ...args.map(() => '?')].join(' ');
}
