/** What an agent asks the control service. */
import { readFile } from 'node:fs/promises';
import { messageOf } from '@microshop/program-kit/errors';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { request } from 'undici';
import {
  certificatePath,
  type ReplicaState,
  replicaStateSchema,
  signedCertificateSchema,
} from '../replicas/schemas.ts';
import type { Loaded } from './loaded.ts';
import type { AgentSettings } from './settings.ts';

/** Time an answer may take beyond the time that it waits, milliseconds: a control service that has vanished is noticed then. */
const answerLimitMs = 5000;

/** Thrown when there was no answer, or one of no use; the message says why. */
export class NoAnswerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoAnswerError';
  }
}

const problemSchema = Type.Object({ detail: Type.String() });

/**
 * Waits for another state than the one it has, `waitMs` milliseconds at most; `undefined` when none came. Throws
 * {@link NoAnswerError}.
 */
export async function nextState(
  settings: AgentSettings,
  has: ReplicaState | undefined,
  loaded: Loaded,
  waitMs: number,
  signal: AbortSignal,
): Promise<ReplicaState | undefined> {
  const { identity, pod, address } = settings;
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
  const answer = await ask(settings, `/api/agent/state?${query}`, AbortSignal.any([signal, limit]));
  if (answer.status === 204) return undefined;
  const state = bodyOf(replicaStateSchema, answer);
  if (state.version === has?.version && state.replica === has.replica) {
    // it would be polled without a pause
    throw new NoAnswerError('it answered at once with the version already applied');
  }
  return state;
}

/** Has a request for a certificate signed. Throws {@link NoAnswerError}. */
export async function signedCertificate(
  settings: AgentSettings,
  request: string,
  signal: AbortSignal,
): Promise<Static<typeof signedCertificateSchema>> {
  const limit = AbortSignal.timeout(answerLimitMs);
  const answer = await ask(settings, certificatePath, AbortSignal.any([signal, limit]), { request });
  return bodyOf(signedCertificateSchema, answer);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request, a POST where it has a body, with the token that the pod has now: it is replaced from time to time. */
async function ask(
  { control, token }: AgentSettings,
  target: string,
  signal: AbortSignal,
  body?: object,
): Promise<Answer> {
  try {
    const authorization = `Bearer ${(await readFile(token, 'utf8')).trim()}`;
    const answer = await request(control + target, {
      signal,
      ...(body === undefined
        ? { method: 'GET', headers: { authorization } }
        : {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  } catch (error) {
    throw new NoAnswerError(messageOf(error), { cause: error });
  }
}

/** The body of a 200 in that form. */
function bodyOf<S extends TSchema>(schema: S, { status, text }: Answer): Static<S> {
  const body = parsed(text);
  if (status !== 200) {
    const detail = Value.Check(problemSchema, body) ? `: ${body.detail}` : '';
    throw new NoAnswerError(`it answered ${status}${detail}`);
  }
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body);
  throw new NoAnswerError(
    `its answer is malformed: body${first?.instancePath ?? ''} ${first?.message ?? ''}`,
  );
}

/** The text as JSON; undefined for a text that is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
