/**
 * Reads the fields of a resource that somebody else wrote. What is wrong is kept as a mistake with its path; what was not
 * read is named at the end, so that no field is passed over in silence.
 */
import { durationText } from '../output/values.ts';
import { goDurationMs } from './durations.ts';
import { mostOf } from './policy-field.ts';

/** No limit of a call is longer than this, milliseconds. */
const longestMs = mostOf('timeout_ms');

/** Keys and indices from the resource down to a field. */
export type FieldPath = readonly (string | number)[];

/** Where what was found is kept. */
export interface Findings {
  /** What cannot be: the field, and what it must be. */
  mistake(path: FieldPath, says: string): void;
  /** A field that is not taken over, and why. */
  note(path: FieldPath, why: string): void;
}

/** A map of fields. Each read of a field that is wrong keeps a mistake and gives `undefined`, as for one that is not there. */
export interface Fields {
  readonly path: FieldPath;
  has(key: string): boolean;
  map(key: string): Fields | undefined;
  maps(key: string): readonly Fields[];
  texts(key: string): readonly string[];
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** A whole number. */
  count(key: string, least: number, most: number): number | undefined;
  /** A number from 0 to 100. */
  percent(key: string): number | undefined;
  /** A duration, in whole milliseconds, no longer than any limit of a policy; `null`: however long. */
  duration(key: string, mostMs?: number | null): number | undefined;
  /** The texts of a map from names to texts. */
  labels(key: string): ReadonlyMap<string, string>;
  /** Says why a field is not taken over. */
  note(key: string, why: string): void;
  mistake(key: string, says: string): void;
  /** Names every field that was not read; how many there were. */
  rest(why?: string): number;
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a message shows it. */
function said(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return isMap(value) ? 'a map' : JSON.stringify(value);
}

/** The fields of that value, which is at that path. */
export function fieldsOf(value: object, path: FieldPath, findings: Findings): Fields {
  // a field that is null counts as absent
  const values = new Map<string, unknown>(Object.entries(value).filter(([, one]) => one !== null));
  const read = new Set<string>();
  const at = (key: string, index?: number) => [...path, key, ...(index === undefined ? [] : [index])];

  function take<T>(key: string, must: string, accept: (value: unknown) => T | undefined): T | undefined {
    read.add(key);
    const found = values.get(key);
    if (found === undefined) return undefined;
    const accepted = accept(found);
    if (accepted === undefined) findings.mistake(at(key), `must be ${must}, not ${said(found)}`);
    return accepted;
  }

  function takeList<T>(
    key: string,
    must: string,
    accept: (one: unknown, path: FieldPath) => T | undefined,
  ): T[] {
    const list = take(key, 'a list', (found): readonly unknown[] | undefined =>
      Array.isArray(found) ? found : undefined,
    );
    return (list ?? []).flatMap((one, index) => {
      const accepted = accept(one, at(key, index));
      if (accepted !== undefined) return [accepted];
      findings.mistake(at(key, index), `must be ${must}, not ${said(one)}`);
      return [];
    });
  }

  const asText = (found: unknown) => (typeof found === 'string' && found !== '' ? found : undefined);

  return {
    path,
    has: (key) => values.has(key),
    map(key) {
      const found = take(key, 'a map', (one) => (isMap(one) ? one : undefined));
      return found === undefined ? undefined : fieldsOf(found, at(key), findings);
    },
    maps: (key) =>
      takeList(key, 'a map', (one, where) => (isMap(one) ? fieldsOf(one, where, findings) : undefined)),
    texts: (key) => takeList(key, 'a text', asText),
    text: (key) => take(key, 'a text', asText),
    flag: (key) => take(key, 'true or false', (one) => (typeof one === 'boolean' ? one : undefined)),
    count: (key, least, most) =>
      take(key, `a whole number from ${least} to ${most}`, (one) =>
        typeof one === 'number' && Number.isInteger(one) && one >= least && one <= most ? one : undefined,
      ),
    percent: (key) =>
      take(key, 'a number from 0 to 100', (one) =>
        typeof one === 'number' && one >= 0 && one <= 100 ? one : undefined,
      ),
    duration(key, mostMs = longestMs) {
      const range = mostMs === null ? 'of 1ms or more' : `from 1ms to ${durationText(mostMs)}`;
      const ms = take(key, `a duration ${range}, such as 500ms, 2s or 1m30s`, (one) => {
        const found = typeof one === 'string' ? goDurationMs(one) : undefined;
        return found !== undefined && found >= 1 && found <= (mostMs ?? found) ? found : undefined;
      });
      if (ms === undefined || Number.isInteger(ms)) return ms;
      findings.note(at(key), `it is rounded to ${Math.round(ms)} ms`);
      return Math.round(ms);
    },
    labels(key) {
      const found = take(key, 'a map', (one) => (isMap(one) ? one : undefined)) ?? {};
      const labels = new Map<string, string>();
      for (const [name, one] of Object.entries(found)) {
        if (typeof one === 'string') labels.set(name, one);
        else findings.mistake([...at(key), name], `must be a text, not ${said(one)}`);
      }
      return labels;
    },
    note(key, why) {
      read.add(key);
      findings.note(at(key), why);
    },
    mistake: (key, says) => findings.mistake(at(key), says),
    rest(why = 'there is nothing like it here') {
      const unread = [...values.keys()].filter((key) => !read.has(key));
      for (const key of unread) findings.note(at(key), why);
      return unread.length;
    },
  };
}
