/** What an audit has found: counted to the end, named up to a bound, and unknown where a source was not read. */
import { messageOf } from '@microshop/program-kit/errors';

/** Names kept of each kind; the count goes on. */
export const namedAtMost = 100;

/** Things of one kind that are wrong. */
export interface Found {
  readonly count: number;
  /** The first of them: `order 7: …`. */
  readonly first: readonly string[];
  /** What of it could not be read; empty when all was. */
  readonly unread: readonly string[];
}

/** Counts things that are wrong. */
export interface Finder {
  add(name: string): void;
  /** More of them than are named. */
  addMany(count: number, names: readonly string[]): void;
  found(): Found;
}

/** Begins to count. */
export function finder(): Finder {
  let count = 0;
  const first: string[] = [];
  const addMany = (more: number, names: readonly string[]) => {
    count += more;
    first.push(...names.slice(0, namedAtMost - first.length));
  };
  return {
    add: (name) => addMany(1, [name]),
    addMany,
    found: () => ({ count, first: [...first], unread: [] }),
  };
}

/** Nothing was found, for this could not be read. */
export function notLooked(...unread: readonly string[]): Found {
  return { count: 0, first: [], unread };
}

/** Several kinds as one. */
export function together(...all: readonly Found[]): Found {
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    first: all.flatMap(({ first }) => first).slice(0, namedAtMost),
    unread: [...new Set(all.flatMap(({ unread }) => unread))],
  };
}

/** How many; null when none was found where not all was read. */
export function countOf({ count, unread }: Found): number | null {
  return count > 0 || unread.length === 0 ? count : null;
}

/** A source that did not answer. */
export interface Unread {
  /** Which, and why. */
  readonly unread: string;
}

/** The reason why `what` could not be read, in words. */
export function unreadFor(what: string, error: unknown): Unread {
  return { unread: `${what} cannot be read: ${messageOf(error) || 'no reason given'}` };
}

/** Whether a part could not be read. */
export function isUnread(part: unknown): part is Unread {
  return typeof part === 'object' && part !== null && 'unread' in part && typeof part.unread === 'string';
}
