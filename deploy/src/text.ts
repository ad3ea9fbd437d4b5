/** Files as templates that read like the files. */

/** What can be filled into a template: a text, or lines. */
type Filling = string | readonly string[];

const hole = '\0';

/**
 * The text of a template without the indentation all its lines share. A text of several lines, or a list of lines, goes on
 * where its first line begins; a line that holds nothing but an empty one is left out. Backslashes stand for themselves,
 * but before `$` and before a backtick.
 */
export function text({ raw }: TemplateStringsArray, ...fillings: readonly Filling[]): string {
  const written = raw.map((part) => part.replaceAll(/\\([`$])/g, '$1')).join(hole);
  const lines = written.replace(/^\n/, '').replace(/\n *$/, '').split('\n');
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map(indentation));
  const left = fillings.map((filling) => [filling].flat().join('\n'));
  return lines
    .flatMap((line) => {
      const [first = '', ...rest] = line.slice(margin).split(hole);
      const filled = rest.reduce((done, part) => `${done}${left.shift() ?? ''}${part}`, first);
      if (rest.length > 0 && filled.trim() === '') return [];
      return [continued(filled, ' '.repeat(indentation(first)))];
    })
    .join('\n');
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}

function continued(lines: string, indent: string): string {
  return lines.replaceAll(/\n(?=[^\n])/g, `\n${indent}`);
}
