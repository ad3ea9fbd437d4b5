/** Reads the prose of a file: comments, log messages, descriptions and other texts, each with its line. */
import { parseSync } from '@swc/core';

/**
 * Who reads a piece of prose: `log`, the message of a log line; `description`, the help of a metric, a command, a field or a
 * rule; `text`, any other text, but for names of the code; `comment`; `page`, a page of the documentation; `file`, any other
 * file: settings, templates, scripts, what is generated.
 */
export type ProseKind = 'log' | 'description' | 'text' | 'comment' | 'page' | 'file';

/** One piece of prose. */
export interface Prose {
  readonly kind: ProseKind;
  /** Line on which it starts, from 1. */
  readonly line: number;
  /**
   * As the source has it, line breaks included; with blanks for what marks a comment, escaped line breaks and elements in a
   * text, and a number for each expression in it.
   */
  readonly text: string;
}

const logMethods = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
const loggers = /^(?:log|logger)$/;
const descriptions = /^(?:description|help|summary|title)$/;

type Node = Readonly<Record<string, unknown>>;

/** A part of the source, in bytes; `kind` only for what is prose. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly kind?: ProseKind;
  /** Prose even as one word in lower case, which elsewhere is a name of the code. */
  readonly shown?: boolean;
  /** Expressions and elements in it, in order. */
  readonly holes?: readonly Hole[];
}

interface Hole {
  readonly start: number;
  readonly end: number;
  /** What stands for it: `1` for an expression, since many are counts. */
  readonly filler: '1' | '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a node stands; swc counts bytes from 1. */
function placeOf(node: Node): Pick<Part, 'start' | 'end'> {
  const { span } = node;
  if (!isNode(span) || typeof span.start !== 'number' || typeof span.end !== 'number') {
    throw new Error(`swc gives no place for ${String(node.type)}`);
  }
  return { start: span.start - 1, end: span.end - 1 };
}

function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'MemberExpression') return nameOf(node.property);
  return typeof node.value === 'string' ? node.value : undefined;
}

/** Whether a call writes a log line: `logger.warn(…)`, `request.log.info(…)`. */
function isLogCall(node: Node): boolean {
  const { callee } = node;
  if (node.type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return false;
  return logMethods.has(nameOf(callee.property) ?? '') && loggers.test(nameOf(callee.object) ?? '');
}

function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A whole template without its backticks: between two of its texts is an expression. */
function templateOf(node: Node, kind: ProseKind): Part {
  const texts = nodesOf(node.quasis).map(placeOf);
  const holes = texts
    .slice(1)
    .map(({ start }, index) => ({ start: texts[index]?.end ?? start, end: start, filler: '1' as const }));
  const { start, end } = placeOf(node);
  return { start: start + 1, end: end - 1, kind, holes };
}

/** The text of an element, over its expressions and elements. */
function betweenElements(node: Node): readonly Part[] {
  const children = nodesOf(node.children);
  const [first] = children;
  const last = children.at(-1);
  if (first === undefined || last === undefined) return [];
  const holes = children
    .filter(({ type }) => type !== 'JSXText')
    .map(
      (child) => ({ ...placeOf(child), filler: child.type === 'JSXExpressionContainer' ? '1' : '' }) as const,
    );
  return [{ start: placeOf(first).start, end: placeOf(last).end, kind: 'text', shown: true, holes }];
}

/** Texts below a node, and what a comment cannot start in: strings, templates and regular expressions. */
function literalsOf(value: unknown, kind: ProseKind = 'text'): readonly Part[] {
  if (Array.isArray(value)) return value.flatMap((each: unknown) => literalsOf(each, kind));
  if (!isNode(value)) return [];
  switch (value.type) {
    case 'StringLiteral':
      return [{ ...placeOf(value), kind }];
    case 'TemplateLiteral':
      return [templateOf(value, kind), ...literalsOf(value.expressions, kind)];
    case 'JSXElement':
    case 'JSXFragment':
      return [...betweenElements(value), ...literalsOf([value.opening, value.children])];
    case 'RegExpLiteral':
      return [placeOf(value)];
    case 'KeyValueProperty':
      return [
        ...literalsOf(value.key),
        ...literalsOf(value.value, descriptions.test(nameOf(value.key) ?? '') ? 'description' : kind),
      ];
    default: {
      const below = isLogCall(value) ? 'log' : kind;
      return Object.values(value).flatMap((each) => literalsOf(each, below));
    }
  }
}

/** What is between the holes of a part: no comment starts there. */
function solidOf({ start, end, holes = [] }: Part): readonly Part[] {
  const starts = [start, ...holes.map((hole) => hole.end)];
  return starts.map((from, index) => ({ start: from, end: holes[index]?.start ?? end }));
}

/** The comments of a source; lines of `//` below each other are one. A literal may hold what looks like one. */
function commentsOf(bytes: Buffer, literals: readonly Part[]): readonly Part[] {
  const after = new Map(literals.flatMap(solidOf).map(({ start, end }) => [start, end]));
  const comments: Part[] = [];
  for (let at = 0; at < bytes.length; ) {
    const opening = bytes.toString('latin1', at, at + 2);
    const literalEnd = after.get(at);
    if (literalEnd !== undefined && literalEnd > at) {
      at = literalEnd;
    } else if (opening === '//' || opening === '/*') {
      const close = opening === '//' ? '\n' : '*/';
      const closed = bytes.indexOf(close, at + 2);
      const end = closed < 0 ? bytes.length : closed + (close === '*/' ? 2 : 0);
      const before = comments.at(-1);
      const between = before === undefined ? '' : bytes.toString('utf8', before.end, at);
      if (before !== undefined && opening === '//' && /^\n[ \t]*$/.test(between)) {
        comments[comments.length - 1] = { ...before, end };
      } else {
        comments.push({ start: at, end, kind: 'comment' });
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return comments;
}

/** What begins a line of a comment. */
const marks = /(?<=^[ \t]*)(?:\/\*\*?|\/\/|\*(?!\/))/gm;

const blank = (code: string): string => code.replaceAll(/[^\n]/g, ' ');

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\[nrt]/g, '  ');
}

/** What a part of the source says. */
function saidBy({ start, end, holes = [] }: Part, bytes: Buffer): string {
  let said = '';
  let at = start;
  for (const hole of holes) {
    const filler = ` ${hole.filler}${blank(bytes.toString('utf8', hole.start, hole.end))} `;
    said += bytes.toString('utf8', at, hole.start) + filler;
    at = hole.end;
  }
  return said + bytes.toString('utf8', at, end);
}

/** Whether a text is one word as names of the code are: `'mend'`, but not `'Mend'`. */
function isName(text: string): boolean {
  return !/\S\s|\s\S/.test(text) && !/^["']?\p{Lu}/u.test(text);
}

/** The prose of a TypeScript file, `tsx` if it has elements: its comments, and its texts that are no names. */
export function proseOfSource(source: string, tsx = false): readonly Prose[] {
  const bytes = Buffer.from(source);
  const literals = literalsOf(parseSync(source, { syntax: 'typescript', tsx, target: 'esnext' }));
  const parts = [...literals, ...commentsOf(bytes, literals)].sort((one, other) => one.start - other.start);
  return parts.flatMap((part) => {
    const { kind, start, shown = false } = part;
    const said = saidBy(part, bytes);
    if (kind === undefined || (kind === 'text' && !shown && isName(said))) return [];
    const line = bytes.toString('utf8', 0, start).split('\n').length;
    return [{ kind, line, text: kind === 'comment' ? said.replaceAll(marks, ' ') : withoutEscapes(said) }];
  });
}

/** What begins a line of a comment in a file that is no TypeScript. */
const otherMarks = /(?<=^[ \t]*)(?:#+|\/\/|--|\/?\*+)(?=\s)/gm;

/** The prose of any other file: all of it, since its names are no words. */
export function proseOfFile(file: string): readonly Prose[] {
  return [{ kind: 'file', line: 1, text: withoutEscapes(file.replaceAll(otherMarks, blank)) }];
}

/** A block of a page; or code in a line, an address, or a tag but for its text in place of a picture. */
const blockOrCode =
  /(?<block>^(?<indent> *)(?<fence>```+|~~~+)[\s\S]*?^\k<indent>\k<fence>)|(?<ticks>`+)[^`][\s\S]*?\k<ticks>|\]\([^)]*\)|<[a-z/!][^>]*?(?: alt="|>)|(?<=<[^>]* alt="[^"]*)"[^>]*>/gim;

/** The prose of a page in Markdown, its blocks included: all but code in a line, addresses and tags, which leave blanks. */
export function proseOfPage(page: string): readonly Prose[] {
  const text = page.replaceAll(blockOrCode, (found, block: string | undefined) =>
    block === undefined ? blank(found) : block.replaceAll(otherMarks, blank),
  );
  return [{ kind: 'page', line: 1, text }];
}
