/** Reads the prose of a file: comments, log messages, descriptions and other texts, each with its line. */
import { parseSync } from '@swc/core';

/**
 * Who reads a piece of prose: `log`, the message of a log line; `description`, the help of a metric, a command, a field or a
 * rule; `text`, any other text of two words or more; `comment`; `page`, a page of the documentation.
 */
export type ProseKind = 'log' | 'description' | 'text' | 'comment' | 'page';

/** One piece of prose. */
export interface Prose {
  readonly kind: ProseKind;
  /** Line on which it starts, from 1. */
  readonly line: number;
  /**
   * As the source has it, line breaks included, with blanks for what marks a comment. A template is one piece for each text
   * between its expressions.
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
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a node stands; swc counts bytes from 1. */
function placeOf(node: Node): Part {
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

/** Texts below a node, and what a comment cannot start in: strings, templates and regular expressions. */
function literalsOf(value: unknown, kind: ProseKind = 'text'): readonly Part[] {
  if (Array.isArray(value)) return value.flatMap((each: unknown) => literalsOf(each, kind));
  if (!isNode(value)) return [];
  switch (value.type) {
    case 'StringLiteral':
    case 'JSXText':
    case 'TemplateElement':
      return [{ ...placeOf(value), kind }];
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

/** The comments of a source; lines of `//` below each other are one. A literal may hold what looks like one. */
function commentsOf(bytes: Buffer, literals: readonly Part[]): readonly Part[] {
  const after = new Map(literals.map(({ start, end }) => [start, end]));
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

/** The prose of a TypeScript file, `tsx` if it has elements: its comments, and its texts of two words or more. */
export function proseOfSource(source: string, tsx = false): readonly Prose[] {
  const bytes = Buffer.from(source);
  const literals = literalsOf(parseSync(source, { syntax: 'typescript', tsx, target: 'esnext' }));
  const parts = [...literals, ...commentsOf(bytes, literals)].sort((one, other) => one.start - other.start);
  return parts.flatMap(({ kind, start, end }) => {
    const text = bytes.toString('utf8', start, end);
    if (kind === undefined || !/\S\s|\s\S/.test(text)) return [];
    const line = bytes.toString('utf8', 0, start).split('\n').length;
    return [{ kind, line, text: kind === 'comment' ? text.replaceAll(marks, ' ') : text }];
  });
}

/** The prose of a page in Markdown: all but code, addresses and tags, which leave a blank of their length. */
export function proseOfPage(page: string): readonly Prose[] {
  const blank = (code: string) => code.replaceAll(/[^\n]/g, ' ');
  const text = page
    .replaceAll(/^( *)(```+|~~~+)[\s\S]*?^\1\2/gm, blank)
    .replaceAll(/(`+)[^`][\s\S]*?\1/g, blank)
    .replaceAll(/\]\([^)]*\)/g, blank)
    .replaceAll(/<[a-z/!][^>]*>/gi, blank);
  return [{ kind: 'page', line: 1, text }];
}
