/** Commands that a page only names, in its text and in its tables: are they there? */
import type { Command } from 'commander';

/**
 * What the program does not know of the `./mesh …` commands of the text, each in a sentence: a word that is no command, an
 * option that the command does not have.
 */
export function strangersIn(text: string, program: Command): string[] {
  const commands = [...text.matchAll(/\.\/mesh ([a-z][^`|#\n;&>)]*)/g)].map(([, words = '']) => words.trim());
  return commands.flatMap((words) =>
    strangersOf(words, program).map((stranger) => `./mesh ${words}: ${stranger}`),
  );
}

function strangersOf(text: string, program: Command): string[] {
  const words = text.split(/\s+/);
  let command = program;
  for (const word of words) {
    // `stop|start|restart` names three
    const inner = word.split('|').map((name) => command.commands.find((one) => one.name() === name));
    const [first] = inner;
    if (first === undefined || inner.includes(undefined)) break;
    command = first;
  }
  if (command === program) return [`there is no command "${words[0]}"`];
  if (command.commands.length > 0) {
    const next = words[words.indexOf(command.name()) + 1];
    if (next !== undefined && /^[a-z]+$/.test(next)) return [`${command.name()} has no "${next}"`];
  }
  const known = ['-h', '--help', ...command.options.flatMap(({ short, long }) => [short, long])];
  return [...text.matchAll(/(?<=^|[\s[])--?[a-z][a-z-]*/g)]
    .map(([option]) => option)
    .filter((option) => !known.includes(option))
    .map((option) => `${command.name()} has no option ${option}`);
}
