/** How the CLI and tests talk to the supervisor of a mesh. */
import { request } from 'node:http';
import { ExplainedError, hasCode, messageOf } from '@microshop/program-kit/errors';
import type { RunDirectory } from '@microshop/program-kit/run-directory';
import { Value } from 'typebox/value';
import { lockHolder } from './lock.ts';
import type { ImpairmentSeen } from './part.ts';
import type { ProcessIdentity } from './process-group.ts';
import { type LeftPart, partsLeft } from './state-file.ts';
import { UnknownPartError } from './supervisor.ts';
import {
  type Failure,
  failureSchema,
  impairedSchema,
  type MeshPlace,
  type MeshStatus,
  meshPlaceSchema,
  meshStatusSchema,
  type PartAction,
  type ProcessFault,
  partActionSchema,
  processFaultAnswerSchema,
} from './supervisor-schemas.ts';

/** Thrown when no supervisor answers for a mesh. */
export class NotRunningError extends ExplainedError {
  override readonly name: string = 'NotRunningError';
  /** The parts that run on without a supervisor: it was killed. */
  readonly left: readonly string[];

  constructor(instance: number, left: readonly string[] = [], options?: ErrorOptions) {
    super(notRunning(instance, left), options);
    this.left = left;
  }
}

/** Thrown when a supervisor runs and cannot be asked. */
export class SupervisorUnreachableError extends ExplainedError {
  override readonly name: string = 'SupervisorUnreachableError';

  constructor(asked: string, cause: unknown) {
    super(`The supervisor could not be asked (${asked}): ${messageOf(cause)}`, { cause });
  }
}

/** Thrown when a supervisor did not answer in time. */
export class SupervisorLateError extends ExplainedError {
  override readonly name: string = 'SupervisorLateError';

  constructor(asked: string, limitMs: number, cause: unknown) {
    super(`The supervisor did not answer ${asked} within ${limitMs / 1000} s`, { cause });
  }
}

/** Thrown when a supervisor answered in a form that is none of ours: it is of another version. */
export class SupervisorAnswerError extends ExplainedError {
  override readonly name: string = 'SupervisorAnswerError';

  constructor(status: number, asked: string) {
    super(`The supervisor answered ${status} to ${asked}`);
  }
}

/** Why a supervisor did not do what it was asked. */
export type RefusalCode = Exclude<Failure['code'], 'unknown_part'>;

/** Thrown when a supervisor did not do to a part what it was asked, or could not; the message is its own. */
export class PartActionError extends ExplainedError {
  override readonly name: string = 'PartActionError';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The message about a mesh that does not run, and about what a killed runner left of it. */
function notRunning(instance: number, left: readonly string[]): string {
  const which = instance === 1 ? 'The mesh' : `Mesh ${instance}`;
  if (left.length === 0) return `${which} is not running; start it with ./mesh up`;
  return [
    `${which} has lost its runner, which was killed; these parts still run: ${left.join(', ')}`,
    './mesh up ends them and starts again; ./mesh down ends them',
  ].join('\n');
}

/** Limit for an answer about the present state, milliseconds: health checks take at most 2 s each, at once. */
const statusLimitMs = 10_000;
/** Limit for a fault of a part, milliseconds: the slowest asks RabbitMQ by its own command, which takes seconds. */
const faultLimitMs = 30_000;
/** Limit for an action on parts. A start may take 120 s and a stop as long as the part allows. */
const actionLimitMs = 300_000;

/** Talks to one supervisor. */
export interface SupervisorClient {
  /** State of the mesh; `undefined` when no supervisor runs. */
  status(): Promise<MeshStatus | undefined>;
  /** Where the mesh is, at once: no part is asked; `undefined` when no supervisor runs. */
  place(): Promise<MeshPlace | undefined>;
  /**
   * Starts, stops or restarts one part; ready when it is healthy, or gone.
   * Throws `UnknownPartError`, {@link NotRunningError}, {@link PartActionError} (with the part's last lines when it failed),
   * {@link SupervisorLateError}, {@link SupervisorUnreachableError} and {@link SupervisorAnswerError}.
   */
  act(action: PartAction, part: string): Promise<MeshStatus['parts'][number]>;
  /** Does that to the server of a part; its pid. Throws as {@link act} does. */
  fault(part: string, fault: ProcessFault): Promise<number>;
  /** What a server says of the state that a fault has put it into; `undefined` when there is none. Throws as {@link act} does. */
  impaired(part: string): Promise<ImpairmentSeen | undefined>;
  /** Begins to end before its time what is done to a part for a time. Throws as {@link act} does. */
  endFault(part: string): Promise<void>;
  /** Ordered stop; ready when every part is gone. The supervisor itself ends right after. */
  down(): Promise<void>;
  /** The supervisor's process, or `undefined`. */
  holder(): ProcessIdentity | undefined;
  /** The parts that a killed supervisor left running; none while one runs. */
  left(): LeftPart[];
}

/** The error that the answer to an action means. */
function refusal(status: number, body: unknown, asked: string): Error {
  if (!Value.Check(failureSchema, body)) return new SupervisorAnswerError(status, asked);
  return body.code === 'unknown_part'
    ? new UnknownPartError(body.part, body.known)
    : new PartActionError(body.code, body.message);
}

/** How a supervisor is asked. */
type Method = 'GET' | 'POST' | 'DELETE';

/**
 * Sends a request over a socket, on a connection of its own; the status and the text of its answer. By Node's own client: every
 * command loads this file, and undici would be a fifth of what it loads.
 */
function send(
  socketPath: string,
  method: Method,
  path: string,
  signal: AbortSignal,
  content?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = content === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, signal, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text })).once('error', reject);
    })
      .once('error', reject)
      .end(content);
  });
}

/** A client for the mesh of that directory. Connects for each call. */
export function supervisorClient(directory: RunDirectory): SupervisorClient {
  const left = () => (lockHolder(directory.lock) === undefined ? partsLeft(directory.state) : []);

  const call = async (method: Method, path: string, limitMs: number, content?: unknown) => {
    const signal = AbortSignal.timeout(limitMs);
    try {
      const sent = content === undefined ? undefined : JSON.stringify(content);
      const { status, text } = await send(directory.socket, method, path, signal, sent);
      const parsed: unknown = text === '' ? undefined : JSON.parse(text);
      return { statusCode: status, body: parsed };
    } catch (error) {
      const nobody = hasCode(error, 'ENOENT', 'ECONNREFUSED');
      // the supervisor is being killed: the kernel still accepted the connection
      const killed = hasCode(error, 'ECONNRESET') && lockHolder(directory.lock) === undefined;
      if (nobody || killed) {
        const names = left().map(({ name }) => name);
        throw new NotRunningError(directory.instance, names, { cause: error });
      }
      if (signal.aborted) throw new SupervisorLateError(`${method} ${path}`, limitMs, error);
      throw new SupervisorUnreachableError(`${method} ${path}`, error);
    }
  };

  /** Its answer to a request; `undefined` when no supervisor runs. */
  const answerTo = async (path: string): Promise<unknown> => {
    if (lockHolder(directory.lock) === undefined) return undefined;
    try {
      return (await call('GET', path, statusLimitMs)).body;
    } catch (error) {
      if (error instanceof NotRunningError) return undefined;
      throw error;
    }
  };

  return {
    async status() {
      const body = await answerTo('/parts');
      return body === undefined ? undefined : Value.Parse(meshStatusSchema, body);
    },

    async place() {
      const body = await answerTo('/mesh');
      return body === undefined ? undefined : Value.Parse(meshPlaceSchema, body);
    },

    async act(action, part) {
      const { statusCode, body } = await call(
        'POST',
        `/parts/${encodeURIComponent(part)}/${action}`,
        actionLimitMs,
      );
      if (statusCode === 200) return Value.Parse(partActionSchema, body).part;
      throw refusal(statusCode, body, `${action} ${part}`);
    },

    async fault(part, fault) {
      const path = `/parts/${encodeURIComponent(part)}/fault`;
      const { statusCode, body } = await call('POST', path, faultLimitMs, fault);
      if (statusCode === 200) return Value.Parse(processFaultAnswerSchema, body).pid;
      throw refusal(statusCode, body, `${fault.kind} ${part}`);
    },

    async impaired(part) {
      const { statusCode, body } = await call(
        'GET',
        `/parts/${encodeURIComponent(part)}/fault`,
        faultLimitMs,
      );
      if (statusCode !== 200) throw refusal(statusCode, body, `what is wrong with ${part}`);
      return Value.Parse(impairedSchema, body) ?? undefined;
    },

    async endFault(part) {
      const path = `/parts/${encodeURIComponent(part)}/fault`;
      const { statusCode, body } = await call('DELETE', path, faultLimitMs);
      if (statusCode !== 204) throw refusal(statusCode, body, `the end of what is done to ${part}`);
    },

    async down() {
      await call('POST', '/down', actionLimitMs);
    },

    holder: () => lockHolder(directory.lock),

    left,
  };
}
