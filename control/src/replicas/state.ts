/** What of the changes holds for one pod, as an agent gets it; and back. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Identity } from '@microshop/topology';
import type { ChangesInEffect } from '../changes/files.ts';
import type { PolicyRecord } from '../changes/schemas.ts';
import { type Changes, policiesOf } from '../changes/store.ts';
import type { ReplicaState, StateFault } from './schemas.ts';

/** What holds in the whole mesh. */
export interface MeshState extends Pick<Changes, 'faults' | 'policyRecords' | 'lease'> {
  /** {@link authorityName} of who signs certificates; null: nobody does. */
  readonly authority: string | null;
}

/** A name of an authority by its certificate, PEM. */
export function authorityName(certificate: string): string {
  return digest(certificate.trim());
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/**
 * What holds at that time, of a pod's own: an Envoy meets the faults of its service and the policies of its own calls. A lease is
 * part of it where these will be others when it ends.
 */
export function stateOf(
  { faults, policyRecords, lease, authority }: MeshState,
  identity: Identity,
  now: number,
): Omit<ReplicaState, 'replica'> {
  const own = faults.filter(
    ({ service, expires_at: end }) => service === identity && (end === null || end > now),
  );
  const ofOwnCalls = (records: readonly PolicyRecord[]) =>
    records.filter(({ caller }) => caller === identity);
  const expired = lease !== null && lease.expires_at <= now;
  const policies = ofOwnCalls(expired ? lease.before : policyRecords);
  const before = ofOwnCalls(lease?.before ?? []);
  const leased =
    lease === null || expired || isDeepStrictEqual(before, policies)
      ? undefined
      : { expires_at: lease.expires_at, before };
  const kept = own.map(({ counted: _counted, since: _since, set_at: _setAt, ...fault }) => fault);
  return {
    version: digest(JSON.stringify([kept, policies, authority, ...(leased === undefined ? [] : [leased])])),
    authority,
    faults: kept.map((fault): StateFault => {
      const { expires_at: end } = fault;
      return { ...fault, ends_in_ms: end === null ? null : end - now };
    }),
    policies,
    ...(leased === undefined ? {} : { lease: { ...leased, ends_in_ms: leased.expires_at - now } }),
  };
}

/**
 * The changes of a state, for the files of its pod. Throws `PolicyError` for a call that does not exist. Whether the policies
 * fit together is not checked: the control service has done that, and knows when they need not.
 */
export function changesIn({ faults, policies }: Pick<ReplicaState, 'faults' | 'policies'>): ChangesInEffect {
  return { faults, policies: policiesOf(policies, false) };
}
