/** What a cluster refuses, in sentences that name the fix. Nothing of a kubeconfig, a token or a password is in them. */
import { messageOf } from '@microshop/program-kit/errors';
import { wordsHere } from '@microshop/program-kit/typed-here';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CommandFailed } from '../output/errors.ts';

/** Thrown when the cluster, or the mesh in it, cannot be asked; the message says why and what to do. */
export class ClusterError extends CommandFailed {
  override readonly name: string = 'ClusterError';
}

/** Where something was asked. */
export interface Place {
  readonly context: string;
  readonly namespace: string;
}

/** As a sentence names it. */
export function placeText({ context, namespace }: Place): string {
  return `namespace ${namespace} of context ${context}`;
}

/** What stands in front of a command of `kubectl` about that place, from `wordsHere`: the list of pods, without its words. */
export function kubectl(words: string): string {
  const list = wordsHere()?.list ?? 'kubectl get pods';
  return list.replace(/get pods$/, words);
}

const statusSchema = Type.Object({ message: Type.String() });

/** What the API server says in the body of a refusal, which the client leaves as text or has parsed. */
function saidIn(body: unknown): string | undefined {
  if (typeof body !== 'string') return Value.Check(statusSchema, body) ? body.message : undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return Value.Check(statusSchema, parsed) ? parsed.message : undefined;
  } catch {
    return undefined;
  }
}

/** A refusal of the API server: its status, and what it says. */
interface Refusal {
  readonly status: number;
  readonly said: string | undefined;
}

/** The refusal in what the client threw: an error with a status, or that of a connection that was to be upgraded. */
export function refusalIn(error: unknown): Refusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'number') {
    return { status: error.code, said: 'body' in error ? saidIn(error.body) : undefined };
  }
  const message = 'message' in error ? String(error.message) : '';
  const [, status] = /Unexpected server response: (\d{3})/.exec(message) ?? [];
  return status === undefined ? undefined : { status: Number(status), said: undefined };
}

/** The sentence about what was thrown when `asked` was asked for, as in "list pods". */
export function clusterError(error: unknown, asked: string, place: Place): ClusterError {
  if (error instanceof ClusterError) return error;
  const options = { cause: error };
  const refusal = refusalIn(error);
  if (refusal === undefined) {
    const why = messageOf(messageHolder(error));
    return new ClusterError(
      `The cluster of context ${place.context} does not answer (${why}); ${kubectl('cluster-info')} asks it, too`,
      options,
    );
  }
  const { status, said } = refusal;
  if (status === 401) {
    return new ClusterError(
      `The cluster of context ${place.context} does not accept your credentials; sign in to it again`,
      options,
    );
  }
  if (status === 403) {
    const what = said ?? `${asked} is forbidden in ${placeText(place)}`;
    return new ClusterError(
      `You may not do that on the cluster of context ${place.context}: ${what}\ndocs/kubernetes.md lists the rights that ./mesh needs; who administers the cluster can grant them`,
      options,
    );
  }
  const detail = said === undefined ? '' : `: ${said}`;
  return new ClusterError(
    `The API server answered ${status} to "${asked}" in ${placeText(place)}${detail}`,
    options,
  );
}

/** An event of a socket is no error, but has its message. */
function messageHolder(error: unknown): unknown {
  if (error instanceof Error) return error;
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
}
