/** Changes on disk: `faults.json` and `policies.json` in the state directory of a mesh. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import { putJson } from '@microshop/program-kit/json-file';
import { controlFiles, runDirectory } from '@microshop/program-kit/run-directory';
import {
  type CallEdge,
  instanceNumber,
  type MeshPolicies,
  policiesWith,
  topologyPolicies,
} from '@microshop/topology';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import {
  type FaultRecord,
  faultRecordSchema,
  type PolicyLease,
  type PolicyRecord,
  policyLeaseSchema,
  policyRecordSchema,
} from './schemas.ts';

/** `MESH_STATE_DIR`, else that of the native mesh. */
export function stateDirectory(env: NodeJS.ProcessEnv): string {
  return env['MESH_STATE_DIR'] ?? runDirectory(instanceNumber(env)).changes;
}

/** What holds now, and what stands on disk and does not count. */
export interface Changes {
  readonly faults: readonly FaultRecord[];
  readonly policyRecords: readonly PolicyRecord[];
  /** The topology's policies with the records. */
  readonly policies: MeshPolicies;
  /** Until when the policies are on lease, and the records that stand again then; null: they are not. */
  readonly lease: Pick<PolicyLease, 'expires_at' | 'before'> | null;
  /** A sentence each, naming the file and the field or edge. */
  readonly problems: readonly string[];
}

/** A wish to end faults that was made while nothing ran to do so; the mesh is started with it done. */
const clearRequestSchema = Type.Object({
  /** Null: all. */
  service: Type.Union([Type.String(), Type.Null()]),
  /** Milliseconds since the epoch; faults set later stay. */
  asked_at: Type.Integer(),
});

/** A wish to end faults of a mesh that is stopped. */
export type ClearRequest = Static<typeof clearRequestSchema>;

/** A wish to take changes of policies back, of one edge or of all, likewise. What owns them takes it up before it changes any. */
const resetRequestSchema = Type.Union([
  Type.Object({ caller: Type.String(), callee: Type.String() }),
  Type.Null(),
]);

const files = {
  faults: { name: controlFiles.faults, schema: Type.Array(faultRecordSchema) },
  policies: { name: controlFiles.policies, schema: Type.Array(policyRecordSchema) },
  /** None, or one. */
  lease: { name: controlFiles.policyLease, schema: Type.Array(policyLeaseSchema) },
  resetRequests: { name: controlFiles.resetPolicies, schema: Type.Array(resetRequestSchema) },
  clearRequests: { name: controlFiles.clearFaults, schema: Type.Array(clearRequestSchema) },
} as const;

/**
 * Reads them. Faults that have expired are left out, and so is what was asked to be cleared or reset; where a lease has
 * expired, the policies are those from before it. What is broken, or no longer fits the topology, is ignored and reported
 * as a problem: a mesh starts whatever the files hold.
 */
export async function readChanges(directory: string, now = Date.now()): Promise<Changes> {
  const [faults, policies, leases, requests, resets] = await Promise.all([
    readList(path.join(directory, files.faults.name), files.faults.schema),
    readList(path.join(directory, files.policies.name), files.policies.schema),
    readList(path.join(directory, files.lease.name), files.lease.schema),
    readList(path.join(directory, files.clearRequests.name), files.clearRequests.schema),
    readList(path.join(directory, files.resetRequests.name), files.resetRequests.schema),
  ]);
  const [lease] = leases.list;
  const expired = lease !== undefined && lease.expires_at <= now ? lease : undefined;
  const checked = expired !== undefined || lease?.unchecked !== true;
  const kept = (records: readonly PolicyRecord[]) =>
    records.filter(
      ({ caller, callee }) =>
        !resets.list.some((edge) => edge === null || (edge.caller === caller && edge.callee === callee)),
    );
  const sound = soundRecords(kept(expired?.before ?? policies.list), checked);
  return {
    faults: faults.list.filter(
      (fault) =>
        (fault.expires_at === null || fault.expires_at > now) &&
        !requests.list.some((request) => isCleared(fault, request)),
    ),
    policyRecords: sound.records,
    policies: sound.policies,
    lease:
      lease === undefined || expired !== undefined
        ? null
        : { expires_at: lease.expires_at, before: kept(lease.before) },
    problems: [
      ...faults.problems,
      ...policies.problems,
      ...leases.problems,
      ...requests.problems,
      ...resets.problems,
      ...sound.problems,
    ],
  };
}

function isCleared({ service, set_at: setAt }: FaultRecord, request: ClearRequest): boolean {
  return setAt <= request.asked_at && (request.service === null || request.service === service);
}

/** The records that fit together, in their order; all of them where that is not checked. */
function soundRecords(
  all: readonly PolicyRecord[],
  checked: boolean,
): Pick<Changes, 'policies' | 'problems'> & {
  readonly records: readonly PolicyRecord[];
} {
  let records: readonly PolicyRecord[] = [];
  let policies = topologyPolicies;
  const problems: string[] = [];
  for (const record of all) {
    try {
      policies = policiesOf([...records, record], checked);
      records = [...records, record];
    } catch (error) {
      problems.push(`${files.policies.name}: ${messageOf(error)}`);
    }
  }
  return { records, policies, problems };
}

/** The topology's policies with the records. Throws `PolicyError`; whether they fit together only where that is `checked`. */
export function policiesOf(records: readonly PolicyRecord[], checked = true): MeshPolicies {
  return policiesWith(
    records.map(({ caller, callee, change }) => ({ edge: { caller, callee }, change })),
    checked,
  );
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

/** Leaves a wish to end the faults of a service, or all, of a mesh that is stopped. */
export async function askToClearFaults(directory: string, service: string | undefined): Promise<void> {
  const file = path.join(directory, files.clearRequests.name);
  const { list } = await readList(file, files.clearRequests.schema);
  const wish: ClearRequest = { service: service ?? null, asked_at: Date.now() };
  await putJson(file, [...list, wish]);
}

/** Keeps the faults that are left when the wishes are done, if there were any, and forgets the wishes. */
export async function settleClearRequests(directory: string, left: readonly FaultRecord[]): Promise<void> {
  const file = path.join(directory, files.clearRequests.name);
  if (!existsSync(file)) return;
  await keepFaults(directory, left);
  await rm(file, { force: true });
}

/**
 * Keeps the changes of policies, and forgets the wishes to reset some, and a lease that has expired: they are done in what
 * was read before.
 */
export async function keepPolicies(directory: string, records: readonly PolicyRecord[]): Promise<void> {
  await putJson(path.join(directory, files.policies.name), records);
  const lease = await readLease(directory);
  if (lease !== undefined && lease.expires_at <= Date.now()) await keepLease(directory, undefined);
  await rm(path.join(directory, files.resetRequests.name), { force: true });
}

/** The lease, also one that has expired and is not forgotten yet. */
export async function readLease(directory: string): Promise<PolicyLease | undefined> {
  const { list } = await readList(path.join(directory, files.lease.name), files.lease.schema);
  return list[0];
}

/** Keeps the lease, or forgets it. */
export async function keepLease(directory: string, lease: PolicyLease | undefined): Promise<void> {
  const file = path.join(directory, files.lease.name);
  if (lease === undefined) await rm(file, { force: true });
  else await putJson(file, [lease]);
}

/** Leaves a wish to take back the changes of a call's policy, or of all, of a mesh that is stopped. */
export async function askToResetPolicies(directory: string, edge: CallEdge | undefined): Promise<void> {
  const file = path.join(directory, files.resetRequests.name);
  const { list } = await readList(file, files.resetRequests.schema);
  await putJson(file, [...list, edge ?? null]);
}

/** Keeps the changes of policies that are left when the wishes are done, if there were any. */
export async function settleResetRequests(directory: string, left: readonly PolicyRecord[]): Promise<void> {
  if (existsSync(path.join(directory, files.resetRequests.name))) await keepPolicies(directory, left);
}
