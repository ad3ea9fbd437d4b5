/** Types the commands of a page, and holds what they print against what the page shows. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { instanceNumber, nativePlacement, portNames, portOf } from '@microshop/topology';
import { root, untilShown } from '../command.ts';
import type { CommandBlock, PageCommand } from './page.ts';
import { misfit, missing } from './shape.ts';

/** What a command printed, both streams as a terminal shows them. */
export interface Typed {
  readonly code: number;
  readonly output: string;
}

/** Where the values of names are found that a person fills in: in what was printed before, the latest first. */
const values: Readonly<Record<string, RegExp>> = {
  'trace id': /\btrace ([0-9a-f]{32})\b/g,
  order: /^order (\d+)\b/gm,
  'ledger.jsonl': /^ledger +(\S+)/gm,
};

/** The line with its `<names>` filled in. Throws when what was printed does not tell one. */
export function filledIn(line: string, printed: string): string {
  return line.replaceAll(/<([a-z][a-z .]*)>/g, (_, name: string) => {
    const pattern = values[name];
    if (pattern === undefined) throw new Error(`no test knows where <${name}> of "${line}" is found`);
    const value = [...printed.matchAll(pattern)].at(-1)?.[1];
    if (value === undefined) throw new Error(`nothing printed before tells <${name}> of "${line}"`);
    return value;
  });
}

/** A line as one types it about another mesh than the first, whose addresses and files pages name. */
export function onInstance(line: string, instance: number): string {
  let typed = line.replaceAll('.mesh/1/', `.mesh/${instance}/`);
  for (const name of portNames) {
    const pattern = new RegExp(`\\b(localhost|127\\.0\\.0\\.1):${portOf(name, 1, {})}\\b`, 'g');
    typed = typed.replaceAll(pattern, `$1:${portOf(name, instance)}`);
  }
  const hosts = (of: number) => nativePlacement({ instance: of }).pods.map(({ inbound }) => inbound.host);
  const there = hosts(instance);
  hosts(1).forEach((host, index) => {
    typed = typed.replaceAll(new RegExp(`\\b${host.replaceAll('.', '\\.')}\\b`, 'g'), there[index] ?? host);
  });
  return typed;
}

/** What was printed about another mesh as the first would say it: without its number before each command. */
export function asOfFirst(output: string): string {
  return output.replaceAll(/MESH_INSTANCE=\d\s+\.\/mesh/g, './mesh');
}

/** Types a line in the checkout, about the mesh of `MESH_INSTANCE`. Never rejects for an exit code. */
export async function type(line: string): Promise<Typed> {
  const command = `exec 2>&1; ${onInstance(line, instanceNumber())}`;
  const child = spawn('/bin/sh', ['-c', command], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  });
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  return { code, output: asOfFirst(output) };
}

/** What is wrong with a command that was typed. */
function fault({ line, exitCodes, shown }: PageCommand, { code, output }: Typed): string | undefined {
  if (!exitCodes.includes(code)) return `"${line}" ended with ${code}, not ${exitCodes.join(' or ')}`;
  const wrong = shown.length === 0 ? undefined : misfit(output, shown);
  return wrong === undefined ? undefined : `"${line}": ${wrong}`;
}

/**
 * Types the commands of a block, one after the other. `printed` is what the page's commands printed before; returned is
 * that with what these printed. Throws when one ends otherwise than the page says, or does not print what it shows.
 */
export async function runBlock(
  block: CommandBlock,
  printed: string,
  typed: (line: string) => Promise<Typed> = type,
): Promise<string> {
  const { page, at, commands, hidden, shown, mark } = block;

  async function once(): Promise<string> {
    let output = '';
    const refuse = (wrong: string) => {
      throw new Error(`${page}:${at}: ${wrong}; it printed\n${output}`);
    };
    for (const command of commands) {
      if (command.line.endsWith(' &'))
        refuse(`"${command.line}" goes on by itself: only a test of its own runs it`);
      const result = await typed(filledIn(command.line, printed + output));
      // a line that is not ended is not gone on with by the next command
      output += result.output.replace(/(?<=[^\n])$/, '\n');
      const wrong = fault(command, result);
      if (wrong !== undefined) refuse(wrong);
    }
    const wrong = missing(output, hidden) ?? (shown.length === 0 ? undefined : misfit(output, shown));
    if (wrong !== undefined) refuse(wrong);
    return printed + output;
  }

  const withinMs = mark?.kind === 'run' ? mark.withinMs : 0;
  return withinMs === 0
    ? await once()
    : await untilShown(`${page}:${at} comes to what it shows`, once, withinMs);
}
