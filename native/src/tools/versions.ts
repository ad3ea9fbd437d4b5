/** Versions as programs print them: numbers separated by dots. */

/** The numbers of `1.40.0`; anything after them is ignored. `undefined` when it starts with no number. */
export function parseVersion(version: string): readonly number[] | undefined {
  const match = /^v?(\d+(?:\.\d+)*)/.exec(version);
  return match?.[1]?.split('.').map(Number);
}

/** Whether `version` is `minimum` or newer. False for a version that cannot be read. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = parseVersion(version);
  const want = parseVersion(minimum);
  if (have === undefined || want === undefined) return false;
  for (const [index, number] of want.entries()) {
    const other = have[index] ?? 0;
    if (other !== number) return other > number;
  }
  return true;
}

/** Whether `version` is `minimum` or newer and older than `below`. */
export function isBetween(version: string, minimum: string, below: string): boolean {
  return isAtLeast(version, minimum) && !isAtLeast(version, below);
}

/** The first group of `pattern` in `text`, or `unknown`. */
export function versionIn(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? 'unknown';
}
