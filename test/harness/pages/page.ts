/** Reads the fenced blocks of a Markdown page, and the mark above each that says how it is run. */

/** What a mark asks for. */
export type Mark =
  /** `<!-- run on mesh -->`, `<!-- run alone; within 20 s -->`: the test `docs` runs it. */
  | {
      readonly kind: 'run';
      /** Whether it needs a running mesh. */
      readonly onMesh: boolean;
      /** Time within which the block, done again and again, must come to what is shown, milliseconds; 0: at once. */
      readonly withinMs: number;
    }
  /** `<!-- run by test/docs/tour.test.ts -->`: a test of its own runs each line. */
  | { readonly kind: 'by'; readonly file: string }
  /** `<!-- not run: the reason -->` */
  | { readonly kind: 'excused'; readonly reason: string };

/** A command of a page. */
export interface PageCommand {
  /** As it is typed, without its comment. */
  readonly line: string;
  /** The exit codes its comment states (`# 503 …, exit 1`, `# closed, exit 55 or 56`), else 0. */
  readonly exitCodes: readonly number[];
  /** What stands below it in a block of the form `$ command`. */
  readonly shown: readonly string[];
}

/** A fenced block with commands. */
export interface CommandBlock {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly at: number;
  readonly commands: readonly PageCommand[];
  readonly mark: Mark | undefined;
  /** What the whole block must show: lines in the mark's comment, in this order, others may stand between. */
  readonly hidden: readonly string[];
  /** What the whole block shows, line by line: the `console` or `text` block right after it. */
  readonly shown: readonly string[];
}

interface Fence {
  readonly at: number;
  readonly language: string;
  readonly lines: readonly string[];
  /** The comment right above it, without its signs. */
  readonly comment: string | undefined;
  /** Whether only blank lines stand between it and the fence before. */
  readonly follows: boolean;
}

/** Thrown when a page's marks cannot be read; names the page and the line. */
export class PageError extends Error {
  constructor(page: string, at: number, message: string) {
    super(`${page}:${at}: ${message}`);
    this.name = 'PageError';
  }
}

/** Every fenced block of the text. Throws a {@link PageError} for a block or comment that does not end. */
function fencesOf(page: string, text: string): Fence[] {
  const fences: Fence[] = [];
  const lines = text.split('\n');
  let comment: string | undefined;
  let follows = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const opening = /^( *)(```+)\s*(\S*)/.exec(line);
    if (opening !== null) {
      const [, indent = '', signs = '', language = ''] = opening;
      const end = lines.findIndex((one, index) => index > at && one.trim() === signs);
      if (end === -1) throw new PageError(page, at + 1, 'the block does not end');
      const inside = lines
        .slice(at + 1, end)
        .map((one) => one.slice(one.startsWith(indent) ? indent.length : 0));
      fences.push({ at: at + 1, language, lines: inside, comment, follows });
      [at, comment, follows] = [end, undefined, true];
    } else if (line.trim().startsWith('<!--')) {
      const end = lines.findIndex((one, index) => index >= at && one.includes('-->'));
      if (end === -1) throw new PageError(page, at + 1, 'the comment does not end');
      if (comment !== undefined) refuseUnused(page, at, comment);
      const body = lines
        .slice(at, end + 1)
        .join('\n')
        .trim();
      [at, comment, follows] = [end, body.slice('<!--'.length, -'-->'.length).trim(), false];
    } else if (line.trim() !== '') {
      if (comment !== undefined) refuseUnused(page, at + 1, comment);
      [comment, follows] = [undefined, false];
    }
  }
  if (comment !== undefined) refuseUnused(page, lines.length, comment);
  return fences;
}

/** A mark that no block follows would be taken for one that is run. */
function refuseUnused(page: string, at: number, comment: string): void {
  if (/^(not )?run\b/.test(comment)) {
    throw new PageError(page, at, `no block follows the mark "${comment.split('\n')[0]}"`);
  }
}

function markOf(page: string, at: number, comment: string): Mark | undefined {
  const [first = ''] = comment.split('\n');
  if (!/^(not )?run\b/.test(first)) return undefined;
  const excused = /^not run: (\S.*)$/s.exec(comment.replaceAll(/\s+/g, ' '))?.[1];
  if (excused !== undefined) return { kind: 'excused', reason: excused };
  const file = /^run by (\S+)$/.exec(first)?.[1];
  if (file !== undefined) return { kind: 'by', file };
  const run = /^run (on mesh|alone)(?:; within (\d+) s)?$/.exec(first);
  if (run === null) {
    throw new PageError(page, at, `cannot read the mark "${first}"; test/docs/README.md lists the forms`);
  }
  return { kind: 'run', onMesh: run[1] === 'on mesh', withinMs: Number(run[2] ?? 0) * 1000 };
}

function commandOf(text: string, shown: readonly string[] = []): PageCommand {
  const [, line = text, comment = ''] = /^(.*?)(?:(?:^|\s+)#(?!\{)(.*))?$/.exec(text) ?? [];
  const codes = /\bexit (\d+(?: or \d+)*)\b/.exec(comment)?.[1] ?? '0';
  return { line: line.trim(), exitCodes: codes.split(' or ').map(Number), shown };
}

/** Commands of a block: its lines, or what follows `$ ` when it shows output, too. */
function commandsOf({ language, lines }: Fence): PageCommand[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('$ ') ? [index] : []));
  if (starts.length > 0) {
    return starts.map((start, index) =>
      commandOf((lines[start] ?? '').slice(2), lines.slice(start + 1, starts[index + 1])),
    );
  }
  if (!['sh', 'bash', 'shell'].includes(language)) return [];
  return lines.map((line) => commandOf(line)).filter(({ line }) => line !== '');
}

/**
 * The blocks of the page that hold commands: `sh` blocks, and blocks of any language with lines `$ command`.
 * Throws a {@link PageError} for a mark that is not understood, or that no such block follows; for a block to be run that
 * has no command, or that shows nothing: it would pass whatever its commands do.
 */
export function commandBlocks(page: string, text: string): CommandBlock[] {
  const fences = fencesOf(page, text);
  return fences.flatMap((fence, index) => {
    const { at, comment } = fence;
    const mark = comment === undefined ? undefined : markOf(page, at, comment);
    const commands = commandsOf(fence);
    if (commands.length === 0) {
      if (mark === undefined) return [];
      throw new PageError(page, at, 'the block is marked, but has no command');
    }
    const next = fences[index + 1];
    const output = next?.follows && next.comment === undefined && ['console', 'text'].includes(next.language);
    const shown = output && commandsOf(next).length === 0 ? next.lines : [];
    const hidden = mark === undefined ? [] : (comment ?? '').split('\n').slice(1);
    const block = { page, at, commands, mark, hidden, shown };
    const all = [...hidden, ...shown, ...commands.flatMap((command) => command.shown)];
    if (mark?.kind === 'run' && all.every((line) => ['', '…'].includes(line.trim()))) {
      throw new PageError(page, at, 'the block is run, but nothing is shown that it must come to');
    }
    return [block];
  });
}
