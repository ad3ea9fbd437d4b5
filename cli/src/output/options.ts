/** Options that are made from a table of fields. */

/** What was written for each option, by {@link keyOf} its flag. */
export type OptionTexts = Readonly<Record<string, string | undefined>>;

/** Commander's name of an option's value: `perTryTimeout` of `per-try-timeout`. */
export function keyOf(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
