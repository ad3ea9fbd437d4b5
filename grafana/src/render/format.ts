/** Numbers with their units, by Grafana's names of them. */

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });

/** Sizes of a unit, smallest first: the name of each, and how much of the plain unit it is. */
type Sizes = readonly (readonly [name: string, size: number])[];

const seconds: Sizes = [
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['min', 60],
  ['h', 3600],
];

const bytes: Sizes = [
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
];

function sized(value: number, sizes: Sizes): string {
  if (value === 0) return '0';
  const [name, size] = sizes.findLast(([, one]) => Math.abs(value) >= one) ?? sizes[0] ?? ['', 1];
  return `${number.format(value / size)} ${name}`;
}

const formats: ReadonlyMap<string, (value: number) => string> = new Map([
  ['none', (value) => number.format(value)],
  ['short', (value) => number.format(value)],
  ['s', (value) => sized(value, seconds)],
  ['ms', (value) => sized(value / 1000, seconds)],
  ['percentunit', (value) => `${number.format(value * 100)} %`],
  ['percent', (value) => `${number.format(value)} %`],
  ['reqps', (value) => `${number.format(value)} req/s`],
  ['ops', (value) => `${number.format(value)} ops/s`],
  ['bytes', (value) => sized(value, bytes)],
]);

/** The value in that unit, three digits long; a unit that is not known here stands behind the number by its name. */
export function formatted(value: number, unit: string): string {
  const [, suffix] = /^suffix:(.*)$/.exec(unit) ?? [];
  const format = formats.get(unit) ?? ((plain: number) => `${number.format(plain)}${suffix ?? ` ${unit}`}`);
  return format(value);
}
