/** Finds the resources in a stream of YAML or JSON documents, and says of each finding where it is. */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '@microshop/program-kit/errors';
import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import { UsageError } from '../output/errors.ts';
import { type FieldPath, type Fields, fieldsOf } from './fields.ts';

/** Something that is not taken over. */
export interface NotTaken {
  /** Its document in the file, from 1 on. */
  readonly document: number;
  /** Kind and name of the resource; null where it has none. */
  readonly kind: string | null;
  readonly name: string | null;
  /** Path of the field, as in `spec.http[0].fault`; null: the whole resource. */
  readonly field: string | null;
  /** Why, or what holds instead. */
  readonly why: string;
}

/** One resource. */
export interface Resource {
  /** `networking.istio.io` of `networking.istio.io/v1`. */
  readonly group: string;
  readonly kind: string;
  /** How a message names it: `document 2 (DestinationRule cart)`. */
  readonly called: string;
  readonly spec: Fields | undefined;
  /** Says why nothing of it is taken over. */
  pass(why: string): void;
}

/** The resources of a file, with what was found while they are read. */
export interface Stream {
  readonly resources: readonly Resource[];
  readonly notTaken: readonly NotTaken[];
  /** Throws `UsageError` with a line for each mistake so far. */
  orMistakes(): void;
}

/** Reads the text of a file of that name. Throws `UsageError` when it is no YAML, or holds no document. */
export function streamOf(source: string, file: string): Stream {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(source, {
    lineCounter: lines,
    prettyErrors: false,
    // as kubectl reads it: `<<` takes over the keys of another map
    merge: true,
    // a warning of the parser is none of ours: what it is about is refused here with its line
    logLevel: 'error',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const mistakes: string[] = [];
  const notTaken: NotTaken[] = [];
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const orMistakes = () => {
    if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  };
  for (const [index, document] of documents.entries()) {
    for (const { says, offset } of syntaxErrors(document)) {
      mistakes.push(`${file}, document ${index + 1}, line ${lineAt(offset)}: ${says}`);
    }
  }
  orMistakes();
  const resources = documents.flatMap((document, index) => {
    const number = index + 1;
    const value = valueIn(document, `${file}, document ${number}`);
    if (value === null || value === undefined) return [];
    return resourcesIn(value, [], {
      number,
      mistake: (path, called, says) =>
        mistakes.push(`${file}, ${called}, line ${lineAt(offsetOf(document, path))}: ${says}`),
      pass(one) {
        // a finding about several calls is found once for each of them
        if (!notTaken.some((other) => isDeepStrictEqual(one, other))) notTaken.push(one);
      },
    });
  });
  orMistakes();
  if (resources.length === 0) throw new UsageError(`${file} contains no document`);
  return { resources, notTaken, orMistakes };
}

/** What is wrong with a document as YAML. After one unexpected token the parser has lost its place: others only follow from it. */
function syntaxErrors({ errors }: Document.Parsed): { says: string; offset: number }[] {
  const first = errors.find(({ code }) => code === 'UNEXPECTED_TOKEN');
  return errors
    .filter((error) => error === first || error.code !== 'UNEXPECTED_TOKEN')
    .map((error) => ({
      says:
        error === first
          ? `${error.message}; a line with --- goes between documents, and Helm renders templates (helm template)`
          : error.message,
      offset: error.pos[0],
    }));
}

/** One document while it is read. */
interface Reading {
  readonly number: number;
  mistake(path: FieldPath, called: string, says: string): void;
  pass(one: NotTaken): void;
}

/** The resource that a value is, or those of a list as kubectl (`List`) or the API server (`VirtualServiceList`) prints it; none, with its mistakes kept, when it is neither. */
function resourcesIn(what: unknown, path: FieldPath, reading: Reading): Resource[] {
  const { number } = reading;
  let known: Pick<NotTaken, 'kind' | 'name'> = { kind: null, name: null };
  const called = () => {
    const words = [known.kind, known.name].flatMap((word) => word ?? []);
    return `document ${number}${words.length === 0 ? '' : ` (${words.join(' ')})`}`;
  };
  if (typeof what !== 'object' || what === null || Array.isArray(what)) {
    reading.mistake(path, called(), 'a resource is a map with apiVersion, kind and spec');
    return [];
  }
  const fields = fieldsOf(what, path, {
    mistake: (at, says) => reading.mistake(at, called(), `${pathText(at, path)} ${says}`),
    note: (at, why) => reading.pass({ document: number, ...known, field: pathText(at, path), why }),
  });
  const [version, kind] = [fields.text('apiVersion'), fields.text('kind')];
  for (const key of ['apiVersion', 'kind']) {
    if (!fields.has(key)) fields.mistake(key, 'is missing: a resource has apiVersion, kind and spec');
  }
  if (version === undefined || kind === undefined) return [];
  if (kind.endsWith('List') && 'items' in what && Array.isArray(what.items)) {
    return what.items.flatMap((item: unknown, at) => resourcesIn(item, [...path, 'items', at], reading));
  }
  known = { kind, name: null };
  const name = fields.map('metadata')?.text('name') ?? null;
  known = { kind, name };
  return [
    {
      group: version.split('/')[0] ?? '',
      kind,
      called: called(),
      spec: fields.map('spec'),
      pass: (why) => reading.pass({ document: number, kind, name, field: null, why }),
    },
  ];
}

function valueIn(document: Document.Parsed, where: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // an alias that leads nowhere, or too many of them
    throw new UsageError(`${where}: ${messageOf(error)}`, { cause: error });
  }
}

/** Where in the text the field stands; what is around it when it is missing. */
function offsetOf(document: Document.Parsed, path: FieldPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? document.range[0];
}

/** `spec.http[0].fault`, from the resource on. */
function pathText(path: FieldPath, from: FieldPath): string {
  return path
    .slice(from.length)
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}
