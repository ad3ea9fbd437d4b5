/** What an agent asks the control service. */
import { messageOf } from '@microshop/program-kit/errors';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { request } from 'undici';
import { type ReplicaState, replicaStateSchema } from '../replicas/schemas.ts';
import type { Loaded } from './loaded.ts';
import type { AgentSettings } from './settings.ts';

/** Time an answer may take beyond the time that it waits, milliseconds: a control service that has vanished is noticed then. */
const answerLimitMs = 5000;

/** Thrown when there was no answer, or one of no use; the message says why. */
export class NoStateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoStateError';
  }
}

const problemSchema = Type.Object({ detail: Type.String() });

/**
 * Waits for another state than the one it has, `waitMs` milliseconds at most; `undefined` when none came. Throws
 * {@link NoStateError}.
 */
export async function nextState(
  settings: AgentSettings,
  has: ReplicaState | undefined,
  loaded: Loaded,
  waitMs: number,
  signal: AbortSignal,
): Promise<ReplicaState | undefined> {
  const { identity, pod, address, control } = settings;
  const query = new URLSearchParams({
    identity,
    pod,
    address,
    refused: String(loaded.refused),
    wait_ms: String(waitMs),
  });
  if (has !== undefined) query.set('have', has.version);
  if (has !== undefined) query.set('replica', String(has.replica));
  if (loaded.version !== undefined) query.set('loaded', loaded.version);
  const limit = AbortSignal.timeout(waitMs + answerLimitMs);
  const answer = await get(`${control}/api/agent/state?${query}`, AbortSignal.any([signal, limit]));
  if (answer.status === 204) return undefined;
  const body = parsed(answer.text);
  if (answer.status !== 200) {
    const detail = Value.Check(problemSchema, body) ? `: ${body.detail}` : '';
    throw new NoStateError(`it answered ${answer.status}${detail}`);
  }
  if (Value.Check(replicaStateSchema, body)) {
    // it would be asked again and again
    if (isSame(body, has)) throw new NoStateError('it answered at once with what is there already');
    return body;
  }
  const [first] = Value.Errors(replicaStateSchema, body);
  throw new NoStateError(`its answer is of no use: body${first?.instancePath ?? ''} ${first?.message ?? ''}`);
}

function isSame(state: ReplicaState, has: ReplicaState | undefined): boolean {
  return state.version === has?.version && state.replica === has.replica;
}

async function get(url: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  try {
    const { statusCode, body } = await request(url, { signal });
    return { status: statusCode, text: await body.text() };
  } catch (error) {
    throw new NoStateError(messageOf(error), { cause: error });
  }
}

/** The text as JSON; undefined for a text that is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
