/** The page as Markdown, and what stands on one. */
import { type Family, isOurs, labelsOf, tellersOf } from './family.ts';
import { meanings } from './meanings.ts';
import { type Section, sections } from './sections.ts';
import type { Used } from './used.ts';

/** A metric as it stands on the page. */
export interface Row {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** Services that report it; empty for what servers report. */
  readonly tellers: readonly string[];
  readonly meaning: string;
}

/** Units by the end of a name, as Prometheus' conventions have it. */
const units: readonly (readonly [RegExp, string])[] = [
  [/_seconds(_total)?$/, 's'],
  [/_bytes(_total)?$/, 'bytes'],
  [/_utilization_ratio$|_completeness_ratio$|_judged_ratio$|:ratio_rate/, 'ratio'],
  [/:rate\d+[smh]$/, '1/s'],
];

/** The page. Throws when a metric fits no section, or one that is listed has no type or meaning. */
export function metricsPage(families: readonly Family[], used: Used): string {
  const bySection = Map.groupBy(families, sectionOf);
  return [intro, ...sections.flatMap((section) => sectionText(section, bySection.get(section) ?? [], used))]
    .join('\n')
    .concat('\n');
}

/** Whether the page lists a metric. Throws when it fits no section. */
function isListed(family: Family, used: Used): boolean {
  const { lists, andAlso } = sectionOf(family);
  if (lists === 'all' || andAlso?.(family.name) === true) return true;
  return family.series.some((one) => used.has(one['__name__'] ?? ''));
}

function sectionOf({ name, series }: Family): Section {
  const ours = series.some(isOurs);
  const found = sections.find(({ holds }) => holds(name, ours));
  if (found === undefined) throw new Error(`${name} fits no part of the page: add it in sections.ts`);
  return found;
}

function sectionText(section: Section, families: readonly Family[], used: Used): string[] {
  const listed = families.filter((family) => isListed(family, used));
  const others = families.length - listed.length;
  return [
    ...['', `## ${section.title}`, '', section.text],
    ...(listed.length === 0 ? [] : ['', ...table(listed.map(rowOf))]),
    ...(others === 0
      ? []
      : ['', `${others} ${listed.length === 0 ? '' : 'more '}that no dashboard and no rule asks for.`]),
  ];
}

function table(rows: readonly Row[]): string[] {
  const withServices = rows.some(({ tellers }) => tellers.length > 0);
  const head = ['metric', 'type', 'unit', ...(withServices ? ['reported by'] : []), 'labels', 'meaning'];
  const cells = rows.map(({ name, type, unit, tellers, labels, meaning }) => [
    `\`${name}\``,
    type,
    unit,
    ...(withServices ? [tellers.join(', ')] : []),
    labels.map((label) => `\`${label}\``).join(', '),
    meaning,
  ]);
  // as Biome formats a table
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)];
}

/** A metric as the page shows it. Throws when its type or its meaning is unknown. */
export function rowOf(family: Family): Row {
  const { name, help } = family;
  const added = meanings[name];
  const type = added?.type ?? family.type;
  const meaning = added?.meaning ?? help;
  if (type === undefined || meaning === '') {
    throw new Error(`Nothing says what ${name} is: describe it where it is made, or in meanings.ts`);
  }
  return {
    name,
    type,
    unit: added?.unit ?? units.find(([end]) => end.test(name))?.[1] ?? '',
    labels: labelsOf(family),
    tellers: tellersOf(family),
    meaning: sentence(meaning),
  };
}

/** One form for all: a full stop at the end, nothing that would break a table, none of the collector's stages. */
function sentence(text: string): string {
  const plain = text
    .replace(/ \[(Alpha|Beta|Development|Stable)\]$/, '')
    .replaceAll('|', '\\|')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.endsWith('.') ? plain : `${plain}.`;
}

/** The rows of a page, by name. */
export function rowsOn(page: string): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  let head: readonly string[] = [];
  for (const text of page.split('\n')) {
    if (!text.startsWith('| ')) continue;
    const cells = text
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells[0] === 'metric') head = cells;
    const [, name] = /^`(.+)`$/.exec(cells[0] ?? '') ?? [];
    if (name === undefined) continue;
    const cell = (title: string) => cells[head.indexOf(title)] ?? '';
    const list = (title: string) =>
      cell(title)
        .split(', ')
        .filter((one) => one !== '')
        .map((one) => one.replaceAll('`', ''));
    rows.set(name, {
      name,
      type: cell('type'),
      unit: cell('unit'),
      labels: list('labels'),
      tellers: list('reported by'),
      meaning: cell('meaning'),
    });
  }
  return rows;
}

const intro = `# Metrics

Written by \`npm run metrics-page -w @microshop/docs\` from what the Prometheus of a running mesh has: all metrics of the services and the control
service, and those of the servers that dashboards or alert rules use. Those that only a mesh with \`--edge-auth\` has:
[security.md](../security.md#what-is-counted).

A histogram \`x\` is the series \`x_bucket\`, \`x_sum\` and \`x_count\`. Every metric also has labels for where it comes from: those of the services
\`service_name\`, \`instance\` (which replica) and \`otel_scope_name\` (what code), those of servers \`job\`, \`instance\` and \`part\`. No label holds an
id. An empty unit is a number of things.`;
