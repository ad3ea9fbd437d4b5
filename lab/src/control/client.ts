/** How the command line asks the control service. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { LedgerEntry } from '../audit/ledger.ts';
import { type Audit, auditSchema } from '../audit/report.ts';
import { CommandFailed, messageOf } from '../cli/errors.ts';
import { type ActionResult, actionResultSchema, type Selection } from '../dead-letters/actions.ts';
import { type DeadLetter, deadLetterSchema } from '../dead-letters/dead-letter.ts';
import { expectBody, requestJson } from '../http-json.ts';
import { type Verdict, verdictSchema } from '../trace/verdict.ts';

const refusalSchema = Type.Object({ code: Type.String(), detail: Type.String() });

/** Questions to the control service. Each throws `CommandFailed` when it does not answer or refuses. */
export interface ControlClient {
  /** The trace of an order. */
  orderTrace(orderId: number): Promise<Verdict>;
  /** The trace of that id, 32 hex digits. */
  trace(traceId: string): Promise<Verdict>;
  /** Whether every order is accounted for, after at most `settleMs` milliseconds. */
  audit(settleMs: number, ledger: readonly LedgerEntry[] | undefined): Promise<Audit>;
  deadLetters(): Promise<DeadLetter[]>;
  replay(selection: Selection): Promise<ActionResult[]>;
  drop(selection: Selection, reason: string): Promise<ActionResult[]>;
}

const lettersSchema = Type.Object({ dead_letters: Type.Array(deadLetterSchema) });
const resultsSchema = Type.Object({ results: Type.Array(actionResultSchema) });

/** Time over that of the audit itself for reading and judging, milliseconds. */
const auditSpareMs = 60_000;

/** A client of the control service at that address, `http://host:port`. */
export function controlClient(control: string): ControlClient {
  async function ask(
    path: string,
    method: 'GET' | 'POST' = 'GET',
    options: Parameters<typeof requestJson>[2] = {},
  ): Promise<unknown> {
    const { status, body } = await requestJson(method, control + path, options).catch((error: unknown) => {
      throw new CommandFailed(`${messageOf(error)}; ./mesh status tells what runs`, { cause: error });
    });
    if (status === 200) return body;
    throw new CommandFailed(
      Value.Check(refusalSchema, body)
        ? body.detail
        : `The control service answered ${status} to ${method} ${path}`,
    );
  }
  const verdict = async (path: string) => expectBody(verdictSchema, await ask(path), `GET ${path}`);
  const which = (selection: Selection) => (selection === 'all' ? { all: true } : { ids: selection });
  async function act(action: 'replay' | 'drop', body: unknown): Promise<ActionResult[]> {
    const path = `/api/dead-letters/${action}`;
    const answer = await ask(path, 'POST', { body, limitMs: auditSpareMs });
    return expectBody(resultsSchema, answer, `POST ${path}`).results;
  }
  return {
    orderTrace: (orderId) => verdict(`/api/orders/${orderId}/trace`),
    trace: (traceId) => verdict(`/api/traces/${traceId}`),
    async audit(settleMs, ledger) {
      const body = { settle_ms: settleMs, ...(ledger === undefined ? {} : { ledger }) };
      const answer = await ask('/api/audit', 'POST', { body, limitMs: settleMs + auditSpareMs });
      return expectBody(auditSchema, answer, 'POST /api/audit');
    },
    async deadLetters() {
      const answer = await ask('/api/dead-letters');
      return expectBody(lettersSchema, answer, 'GET /api/dead-letters').dead_letters;
    },
    replay: (selection) => act('replay', which(selection)),
    drop: (selection, reason) => act('drop', { ...which(selection), reason }),
  };
}
