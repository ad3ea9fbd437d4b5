/** The words of this project: what prose says, and what it does not say. CONTRIBUTING.md shows this list. */
import { table } from '@microshop/docs/table';

/** One word, and the wording it replaces. */
export interface Word {
  readonly write: string;
  /** The banned wording, for people. */
  readonly not: string;
  /** The banned wording; a blank matches any white space, line breaks included. */
  readonly banned: string;
  /** A sentence that holds it. */
  readonly example: string;
}

const count = 'a|an|the|each|every|one|two|three|per|first|second|third|last|next|no|another|this|any|\\d+';
const counted = 'its|their|those|these|all|both|other|same|more|fewer|many|few|further|between|of';
const be = 'am|is|are|was|were|be|been|being|get|gets|got';

/** The glossary. */
export const words: readonly Word[] = [
  {
    write: 'attempt',
    not: 'a try, tries',
    banned: `(?:${count}) (?:try|tries)(?! to| again)|(?:${counted}) tries|tries(?= of| ÷)`,
    example: 'It succeeds on the second try.',
  },
  {
    write: 'retry, retried',
    not: 'try again, tried again',
    banned: '(?:try|tries|tried|trying) (?:\\S+ )?again',
    example: 'The transaction is tried again.',
  },
  {
    write: 'unavailable, down, absent',
    not: 'away',
    banned:
      '(?:be|am|is|are|was|were|been|stays?|stayed|not|while|broker|cache|database|server|collector|redis|rabbitmq) away|away or',
    example: 'The broker is away.',
  },
  {
    write: 'duplicate, redelivered',
    not: 'came again',
    banned: '(?:came|comes?|coming) (?:once )?again',
    example: 'The message came again.',
  },
  {
    write: 'poll, check',
    not: 'a look, looks (the nouns)',
    banned:
      '(?:each|every|next|last|first|one|a|the) looks?(?! at| for| like| up|,)|(?:between(?: two)?|its) looks|looks for rows',
    example: 'The pause between two looks is short.',
  },
  {
    write: 'apply, applied',
    not: 'put in force, take up',
    banned:
      '(?:puts?|putting) (?:\\S+ )?in(?:to)? (?:force|effect)|(?:takes?|taken|took) up(?! to| space| time)',
    example: 'The sidecar takes up the new policy.',
  },
  {
    write: 'in effect',
    not: 'in force',
    banned: 'in force',
    example: 'The fault is in force.',
  },
  {
    write: 'report, say, log',
    not: 'is told, tells of',
    banned: `(?:${be}|not) told(?! to| apart)|(?:tells?|telling|told) of`,
    example: 'The outcome is told once.',
  },
  {
    write: 'cannot be obtained, is not available',
    not: 'cannot be had',
    banned: '(?:to|can|cannot|could|could not|must|may) be had',
    example: 'The binary cannot be had.',
  },
  {
    write: 'missing, without a result',
    not: 'in vain',
    banned: 'in vain',
    example: 'The key was looked up in vain.',
  },
  {
    write: 'because there is no …',
    not: 'for want of',
    banned: '(?:for|from) (?:the )?want of',
    example: 'It is skipped for want of an engine.',
  },
  {
    write: 'again, from scratch, new',
    not: 'anew',
    // SQL has it as the name of a column
    banned: '(?<!as )anew',
    example: 'The file is written anew.',
  },
  {
    write: 'fix, repair',
    not: 'mend',
    banned: 'mend(?:s|ed|ing)?',
    example: 'Mend the program, then replay.',
  },
];

/** The glossary as CONTRIBUTING.md shows it. */
export function glossary(): string {
  return table(
    ['write', 'not', 'as in'],
    words.map(({ write, not, example }) => [write, not, example]),
  );
}

/** Banned wording in a text. */
export interface Finding {
  readonly word: Word;
  /** What stands there. */
  readonly said: string;
  /** Where it starts in the text. */
  readonly at: number;
}

/** Code in prose: what backticks enclose, links of comments, flags, and names with `_`, `-` or `.` in them. */
const code = /`[^`\n]*`|\{@link [^}]*\}|--?[a-z][\w-]*|\w+(?:[._-]\w+)+/g;

const patterns = words.map(
  (word) => [word, new RegExp(`\\b(?:${word.banned.replaceAll(' ', '\\s+')})\\b`, 'gi')] as const,
);

/** Looks for banned wording outside of what is code; `text` may go over several lines. */
export function findBanned(text: string): readonly Finding[] {
  const prose = text.replaceAll(code, (name) => '¤'.repeat(name.length));
  return patterns.flatMap(([word, pattern]) =>
    Array.from(prose.matchAll(pattern), (match) => ({ word, said: match[0], at: match.index })),
  );
}
