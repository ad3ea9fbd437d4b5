/** The pods of a mesh on Kubernetes, in `status`: which version of what was changed each has applied. */
import { type KnownReplica, replicaListSchema } from '@microshop/control/replicas/schemas';
import { expectBody, requestJson, UnreachableError } from '@microshop/program-kit/http-json';
import { columns } from '../output/columns.ts';
import { styled } from '../output/style.ts';

/** A pod as the JSON document has it. */
export interface ReplicaStatus {
  /** Its Envoy: `orders-sidecar-2`. */
  readonly part: string;
  readonly pod: string;
  /** The version it is to have. */
  readonly version: string;
  /** The one that its Envoy and app have applied whole; null: none yet. */
  readonly loaded: string | null;
}

/** What the control service at that address knows; none when it does not answer, which `status` says already. */
export async function readReplicas(control: string): Promise<readonly ReplicaStatus[]> {
  try {
    const { body } = await requestJson('control', 'GET', `${control}/api/agent/replicas`);
    return expectBody(replicaListSchema, body, 'GET /api/agent/replicas').replicas.map(statusOf);
  } catch (error) {
    if (error instanceof UnreachableError) return [];
    throw error;
  }
}

function statusOf({ part, pod, version, loaded }: KnownReplica): ReplicaStatus {
  return { part, pod, version, loaded };
}

/** The same for people; nothing where there is none. */
export function replicaLines(replicas: readonly ReplicaStatus[]): readonly string[] {
  if (replicas.length === 0) return [];
  const rows = replicas.map(({ part, pod, version, loaded }) => [part, pod, said(version, loaded)]);
  return ['', ...columns(['replica', 'pod', 'version of what was changed'], rows)];
}

function said(version: string, loaded: string | null): string {
  if (loaded === version) return styled('green', version);
  return styled('red', `${loaded ?? 'none yet'}, not ${version}`);
}
