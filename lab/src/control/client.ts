/** How the command line asks the control service. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CommandFailed, messageOf } from '../cli/errors.ts';
import { statusCommand } from '../cli/in-containers.ts';
import { expectBody, requestJson } from '../http-json.ts';
import { type Verdict, verdictSchema } from '../trace/verdict.ts';

const refusalSchema = Type.Object({ code: Type.String(), detail: Type.String() });

/** Thrown when Jaeger holds no trace of that id; its spans may still be on their way. */
export class NoTraceError extends CommandFailed {
  override readonly name: string = 'NoTraceError';
}

/** Questions to the control service. Each throws `CommandFailed` when it does not answer or refuses. */
export interface ControlClient {
  /** The trace of an order. */
  orderTrace(orderId: number): Promise<Verdict>;
  /** The trace of that id, 32 hex digits. Throws {@link NoTraceError}. */
  trace(traceId: string): Promise<Verdict>;
}

const tracesPath = '/api/traces/';

/** A client of the control service at that address, `http://host:port`. */
export function controlClient(control: string): ControlClient {
  async function ask(path: string): Promise<unknown> {
    const { status, body } = await requestJson('GET', control + path).catch((error: unknown) => {
      throw new CommandFailed(`${messageOf(error)}; ${statusCommand()} tells what runs`, { cause: error });
    });
    if (status === 200) return body;
    const detail = Value.Check(refusalSchema, body)
      ? body.detail
      : `The control service answered ${status} to GET ${path}`;
    throw status === 404 && path.startsWith(tracesPath)
      ? new NoTraceError(detail)
      : new CommandFailed(detail);
  }
  const verdict = async (path: string) => expectBody(verdictSchema, await ask(path), `GET ${path}`);
  return {
    orderTrace: (orderId) => verdict(`/api/orders/${orderId}/trace`),
    trace: (traceId) => verdict(`${tracesPath}${traceId}`),
  };
}
