/** Changes on disk: `faults.json` and `policies.json` in the state directory of a mesh. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type MeshPolicies, policiesWith, topologyPolicies } from '@microshop/topology';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { hasCode, messageOf } from '../cli/errors.ts';
import { putJson } from './json-file.ts';
import { type FaultRecord, faultRecordSchema, type PolicyRecord, policyRecordSchema } from './schemas.ts';

/** What holds now, and what stands on disk and does not count. */
export interface Changes {
  readonly faults: readonly FaultRecord[];
  readonly policyRecords: readonly PolicyRecord[];
  /** The topology's policies with the records. */
  readonly policies: MeshPolicies;
  /** A sentence each, naming the file and the field or edge. */
  readonly problems: readonly string[];
}

const files = {
  faults: { name: 'faults.json', schema: Type.Array(faultRecordSchema) },
  policies: { name: 'policies.json', schema: Type.Array(policyRecordSchema) },
} as const;

/**
 * Reads them. Faults that have expired are left out. What is broken, or does not fit the topology any more, does not
 * count and is told as a problem: a mesh starts whatever stands there.
 */
export async function readChanges(directory: string, now = Date.now()): Promise<Changes> {
  const [faults, policies] = await Promise.all([
    readList(path.join(directory, files.faults.name), files.faults.schema),
    readList(path.join(directory, files.policies.name), files.policies.schema),
  ]);
  const sound = soundRecords(policies.list);
  return {
    faults: faults.list.filter(({ expires_at: end }) => end === null || end > now),
    policyRecords: sound.records,
    policies: sound.policies,
    problems: [...faults.problems, ...policies.problems, ...sound.problems],
  };
}

/** The records that fit together, in their order. */
function soundRecords(all: readonly PolicyRecord[]): Omit<Changes, 'faults' | 'policyRecords'> & {
  readonly records: readonly PolicyRecord[];
} {
  let records: readonly PolicyRecord[] = [];
  let policies = topologyPolicies;
  const problems: string[] = [];
  for (const record of all) {
    try {
      policies = policiesOf([...records, record]);
      records = [...records, record];
    } catch (error) {
      problems.push(`${files.policies.name}: ${messageOf(error)}`);
    }
  }
  return { records, policies, problems };
}

/** The topology's policies with the records. Throws `PolicyError`. */
export function policiesOf(records: readonly PolicyRecord[]): MeshPolicies {
  return policiesWith(records.map(({ caller, callee, change }) => ({ edge: { caller, callee }, change })));
}

async function readList<S extends TSchema>(
  file: string,
  schema: S,
): Promise<{ list: Static<S> | []; problems: string[] }> {
  const broken = (why: string) => ({ list: [] as [], problems: [`${path.basename(file)}: ${why}`] });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { list: [], problems: [] };
    return broken(messageOf(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken('it is not JSON');
  }
  if (Value.Check(schema, value)) return { list: value, problems: [] };
  const [first] = Value.Errors(schema, value);
  return broken(`${first?.instancePath ?? ''} ${first?.message ?? 'has another form'}`);
}

/** Keeps the faults. */
export async function keepFaults(directory: string, faults: readonly FaultRecord[]): Promise<void> {
  await putJson(path.join(directory, files.faults.name), faults);
}

/** Keeps the changes of policies. */
export async function keepPolicies(directory: string, records: readonly PolicyRecord[]): Promise<void> {
  await putJson(path.join(directory, files.policies.name), records);
}
