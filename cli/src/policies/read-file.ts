/** Reads a file of policies, YAML or JSON, as `./mesh policy export` writes it; what is wrong is named with its line. */
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type WantedPolicy, wantedPolicySchema } from '@microshop/control/changes/schemas';
import { messageOf, whyUnreadable } from '@microshop/program-kit/errors';
import { inContainers } from '@microshop/program-kit/typed-here';
import {
  edgeBetween,
  edgeNamed,
  type NamedPolicyField,
  policyOf,
  possibleFields,
  topologyPolicies,
} from '@microshop/topology';
import { Value } from 'typebox/value';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { UsageError } from '../output/errors.ts';

/** Keys of a file, and of each call in it. */
const keys = { list: 'policies', call: ['caller', 'callee', 'policy'] } as const;

/** The policies in that file, `-` for standard input. Throws `UsageError` that names the file, and the line of each mistake. */
export async function policiesIn(file: string): Promise<WantedPolicy[]> {
  const source = await policySource(file);
  return readPolicies(source.text, source.name);
}

/** A file that was named, `-` for standard input: its text, and its name in messages. Throws `UsageError`. */
export async function policySource(file: string): Promise<{ readonly name: string; readonly text: string }> {
  const [name, bytes] =
    file === '-' ? ['Standard input', await buffer(process.stdin)] : [file, await bytesOf(file)];
  // a shell of Windows may write UTF-16
  if (!isUtf8(bytes)) {
    throw new UsageError(
      `${name} is no text in UTF-8; one in UTF-16 is converted by iconv -f UTF-16 -t UTF-8`,
    );
  }
  return { name, text: bytes.toString('utf8') };
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const hint = inContainers()
      ? '; a container cannot read your files: pass it on standard input, as -'
      : '';
    throw new UsageError(`${file} cannot be read: ${whyUnreadable(error)}${hint}`, { cause: error });
  }
}

/** A mistake with the place in the text where it is. */
interface Mistake {
  readonly line: number;
  readonly says: string;
}

/** The policies in that text. Throws `UsageError` with a line for each mistake: `name, line 7: …`. */
export function readPolicies(source: string, name: string): WantedPolicy[] {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line;
  const mistakes: Mistake[] = document.errors.map(({ message, pos }) => ({
    line: lineAt(pos[0]),
    says: message,
  }));
  const found: WantedPolicy[] = [];
  if (mistakes.length === 0) {
    const say = (node: unknown, says: string) => {
      mistakes.push({ line: lineAt(rangeOf(node) ?? rangeOf(document.contents)), says });
    };
    for (const { node, policy } of callsIn(document.contents, say)) {
      if (found.some(({ caller, callee }) => caller === policy.caller && callee === policy.callee)) {
        say(node, `${edgeNamed(edgeBetween(policy.caller, policy.callee))} is given twice; leave one out`);
      }
      found.push(policy);
    }
  }
  if (mistakes.length === 0) return found;
  throw new UsageError(mistakes.map(({ line, says }) => `${name}, line ${line}: ${says}`).join('\n'));
}

/** Keeps a mistake, at the line of a node. */
type Say = (node: unknown, says: string) => void;

function rangeOf(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : undefined;
}

interface FoundCall {
  readonly node: Node;
  readonly policy: WantedPolicy;
}

function* callsIn(contents: unknown, say: Say): Generator<FoundCall> {
  if (!isMap(contents)) return say(contents, `a file of policies begins with "${keys.list}:"`);
  refuseOthers(contents, [keys.list], say);
  const list = contents.get(keys.list, true);
  if (!isSeq(list) || list.items.length === 0) {
    return say(list, `${keys.list} must be a list of calls, each with ${keys.call.join(', ')}`);
  }
  for (const item of list.items) {
    const call = isMap(item) ? callOf(item, say) : say(item, `a call has ${keys.call.join(', ')}`);
    if (call !== undefined) yield call;
  }
}

function refuseOthers(map: YAMLMap, known: readonly string[], say: Say): void {
  for (const { key } of map.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (!known.includes(name)) say(key, `there is no "${name}" here; it can be ${known.join(', ')}`);
  }
}

/** One call; undefined, with its mistakes kept, when it cannot be. */
function callOf(map: YAMLMap, say: Say): FoundCall | undefined {
  refuseOthers(map, keys.call, say);
  const [caller, callee] = [map.get('caller'), map.get('callee')];
  if (typeof caller !== 'string' || typeof callee !== 'string') {
    say(map, 'a call has a caller and a callee, each the name of a service');
    return undefined;
  }
  try {
    const edge = edgeBetween(caller, callee);
    const fields = map.get('policy', true);
    if (!isMap(fields) || fields.items.length === 0) {
      say(fields ?? map, `${edgeNamed(edge)}: policy must have at least one field`);
      return undefined;
    }
    const known = possibleFields(policyOf(topologyPolicies, edge));
    const values = fields.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : String(key);
      const field = known.find((one) => one.name === name);
      const wrong =
        field === undefined
          ? `has no field "${name}"; it can have ${known.map((one) => one.name).join(', ')}`
          : mistakeIn(field, isScalar(value) ? value.value : undefined);
      if (wrong === undefined) return [[name, isScalar(value) ? value.value : null] as const];
      say(key, `${edgeNamed(edge)}${field === undefined ? '' : ':'} ${wrong}`);
      return [];
    });
    if (values.length < fields.items.length) return undefined;
    return {
      node: map,
      policy: Value.Parse(wantedPolicySchema, { caller, callee, policy: Object.fromEntries(values) }),
    };
  } catch (error) {
    say(map, messageOf(error));
    return undefined;
  }
}

/** What is wrong with a value of a field; whether the call may be without it, the control service knows. */
function mistakeIn(field: NamedPolicyField, value: unknown): string | undefined {
  if (value === null) return undefined;
  const { name } = field;
  const shown = value === undefined ? 'a list or a map' : JSON.stringify(value);
  if (field.kind === 'text') {
    const fits = typeof value === 'string' && value.length >= 1 && value.length <= field.most;
    return fits ? undefined : `${name} must be a text of 1 to ${field.most} characters, not ${shown}`;
  }
  const { least, most } = field;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return undefined;
  }
  const unit = field.kind === 'duration' ? ' of milliseconds' : '';
  return `${name} must be a whole number${unit} from ${least} to ${most}, not ${shown}`;
}
