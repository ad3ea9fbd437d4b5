/** Reads the fenced blocks of a README, in their order. */

/** A fenced block. */
export interface Block {
  /** `sh`, `ts`, `text`; what stands first behind the fence. */
  readonly language: string;
  /** File the block is, from the folder of whoever takes the package; what stands behind the language. */
  readonly file: string | undefined;
  readonly text: string;
}

/** Every fenced block. */
export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\S+)(?: (\S+))?\n(.*?)^```$/gms)].map(
    ([, language = '', file, text = '']) => ({ language, file, text }),
  );
}

/** Whether an output is the one a README shows; there `…` stands for anything within a line. */
export function isOutput(shown: string, output: string): boolean {
  const parts = shown.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(output);
}
