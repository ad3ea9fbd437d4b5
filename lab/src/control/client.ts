/** How the command line asks the control service. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CommandFailed, messageOf } from '../cli/errors.ts';
import { type Figure, figureSchema } from '../completeness/figure.ts';
import { expectBody, requestJson } from '../http-json.ts';
import { type Verdict, verdictSchema } from '../trace/verdict.ts';

const refusalSchema = Type.Object({ code: Type.String(), detail: Type.String() });

/** Questions to the control service. Each throws `CommandFailed` when it does not answer or refuses. */
export interface ControlClient {
  /** The trace of an order. */
  orderTrace(orderId: number): Promise<Verdict>;
  /** The trace of that id, 32 hex digits. */
  trace(traceId: string): Promise<Verdict>;
  /** How many of the last orders have a whole trace. */
  completeness(): Promise<Figure>;
}

/** A client of the control service at that address, `http://host:port`. */
export function controlClient(control: string): ControlClient {
  async function ask(path: string): Promise<unknown> {
    const { status, body } = await requestJson('GET', control + path).catch((error: unknown) => {
      throw new CommandFailed(`${messageOf(error)}; ./mesh status tells what runs`, { cause: error });
    });
    if (status === 200) return body;
    throw new CommandFailed(
      Value.Check(refusalSchema, body)
        ? body.detail
        : `The control service answered ${status} to GET ${path}`,
    );
  }
  const verdict = async (path: string) => expectBody(verdictSchema, await ask(path), `GET ${path}`);
  return {
    orderTrace: (orderId) => verdict(`/api/orders/${orderId}/trace`),
    trace: (traceId) => verdict(`/api/traces/${traceId}`),
    completeness: async () =>
      expectBody(figureSchema, await ask('/api/completeness'), 'GET /api/completeness'),
  };
}
