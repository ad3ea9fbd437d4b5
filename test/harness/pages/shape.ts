/**
 * Compares what a command printed with what a page shows of it: in shape, because numbers, ids and times are others each
 * time. Words must be the same.
 */

/** HTTP statuses of the API: a page that says 503 means 503. */
const statuses = '20[01]|400|40[1349]|41[35]|42[29]|431|50[034]';

const number = '\\d+(?:\\.\\d+)?';

/** What changes from run to run, in order of precedence: how it is found in a page, and what may stand in its place. */
const changing: readonly (readonly [found: string, stands: string])[] = [
  // a name a person fills in, as in a command
  ['<[a-z][a-z ]*>', '.+?'],
  ['…', '.*?'],
  // UUIDs, trace and span ids
  ['\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'],
  ['\\b[0-9a-f]{16,}\\b', '[0-9a-f]{16,}'],
  ['\\d{4}-?\\d\\d-?\\d\\dT[\\d:.]+Z?', '\\d{4}-?\\d\\d-?\\d\\dT[\\d:.]+Z?'],
  ['[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}', '[A-Z][a-z]{2} +\\d+ \\d\\d:\\d\\d:\\d\\d \\d{4}'],
  ['\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?', '\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?'],
  ['\\d+(?:\\.\\d+){3}', '\\d+(?:\\.\\d+){3}'],
  // a duration may come in another unit
  [`${number} ?(?:µs|ms|s|min|h)\\b(?: \\d+ s)?`, `${number} ?(?:µs|ms|s|min|h)(?: \\d+ s)?`],
  [`(?<![\\w.-])(?:${statuses})(?![\\w.])`, ''],
  // not the figures of a word, as in I3a, p95, SHA384
  ['(?<![A-Za-z]\\d*)\\d+\\.\\d+', number],
  // none is not some: 0 stands for itself, any other number for any other
  ['(?<![\\w.-])0(?![\\w.])', '0'],
  ['(?<![A-Za-z]\\d*)[1-9]\\d*', '[1-9]\\d*'],
];

const finder = new RegExp(changing.map(([found]) => `(${found})`).join('|'), 'g');

/** Bars of a waterfall are drawn to scale, columns as wide as what stands in them: neither is compared. */
function plain(line: string): string {
  return line
    .replaceAll(/[█░▏]+/g, ' ')
    .trim()
    .replaceAll(/\s+/g, ' ');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Source of the expression that lines of this shape match. */
function patternOf(line: string): string {
  const text = plain(line);
  let pattern = '';
  let from = 0;
  for (const match of text.matchAll(finder)) {
    const stands = changing[match.slice(1).findIndex((group) => group !== undefined)]?.[1] ?? '';
    pattern += escaped(text.slice(from, match.index)) + (stands === '' ? escaped(match[0]) : stands);
    from = match.index + match[0].length;
  }
  return pattern + escaped(text.slice(from));
}

/** Lines of one shape, or any lines. */
type Item =
  | { readonly kind: 'gap' }
  | { readonly kind: 'line'; readonly text: string; readonly pattern: RegExp; readonly repeats: boolean };

/** A line `…` stands for any lines; two lines of one shape stand for one or more of them. */
function itemsOf(expected: readonly string[]): Item[] {
  const items: Item[] = [];
  for (const text of expected) {
    if (plain(text) === '') continue;
    if (plain(text) === '…') {
      items.push({ kind: 'gap' });
      continue;
    }
    const pattern = new RegExp(`^${patternOf(text)}$`);
    const last = items.at(-1);
    if (last?.kind === 'line' && last.pattern.source === pattern.source) {
      items[items.length - 1] = { ...last, repeats: true };
    } else {
      items.push({ kind: 'line', text, pattern, repeats: false });
    }
  }
  return items;
}

/**
 * What is wrong with the output, in a sentence; `undefined` when it has the shape of what is expected. Blank lines and the
 * width of columns do not count.
 */
export function misfit(output: string, expected: readonly string[]): string | undefined {
  const lines = output
    .split('\n')
    .map(plain)
    .filter((line) => line !== '');
  const items = itemsOf(expected);
  /** Items that the lines before fit, the farthest way found. */
  let reached = { item: 0, line: 0 };
  const seen = new Set<string>();

  function fits(item: number, line: number): boolean {
    const key = `${item} ${line}`;
    if (seen.has(key)) return false;
    seen.add(key);
    if (item > reached.item || (item === reached.item && line > reached.line)) reached = { item, line };
    const wanted = items[item];
    if (wanted === undefined) return line === lines.length;
    if (wanted.kind === 'gap') return fits(item + 1, line) || (line < lines.length && fits(item, line + 1));
    const found = lines[line];
    if (found === undefined || !wanted.pattern.test(found)) return false;
    return fits(item + 1, line + 1) || (wanted.repeats && fits(item, line + 1));
  }

  if (fits(0, 0)) return undefined;
  const wanted = items[reached.item];
  const found = lines[reached.line];
  if (wanted?.kind === 'line') return `there is no line like "${plain(wanted.text)}" where it should be`;
  return `nothing like "${found ?? ''}" is shown`;
}

/** The same for lines of which others may stand between, before and after. */
export function missing(output: string, expected: readonly string[]): string | undefined {
  return misfit(output, ['…', ...expected.flatMap((line) => [line, '…'])]);
}
