/** What buyers were answered, over time: the lines of the ledger, and the figures of each phase. */
import { gatewayPolicy } from '@microshop/topology';
import { quantile } from '../statistics/spread.ts';
import type { PhaseName } from './definition.ts';

/** One request and its answer. */
export interface Answer {
  /** Its `Idempotency-Key`: a buyer who repeats has several lines. */
  readonly key: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly trace_id: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly t: number;
  /** From sending it to its answer, milliseconds. */
  readonly ms: number;
  /** Why it failed; absent when it was accepted. */
  readonly code?: string;
}

/** The whole lines of a ledger: the last one may have been cut off with the run. */
export function wholeLines(ledger: string): string {
  return ledger.slice(0, ledger.lastIndexOf('\n') + 1);
}

/** Reads the ledger of a run, in order of sending. Throws an error that names the line and the field it lacks. */
export function readAnswers(ledger: string): Answer[] {
  return wholeLines(ledger)
    .split('\n')
    .flatMap((line, index) => (line === '' ? [] : [answerOf(JSON.parse(line), index + 1)]))
    .sort((one, other) => one.t - other.t);
}

function answerOf(line: unknown, at: number): Answer {
  const fields = new Map<string, unknown>(
    Object.entries(typeof line === 'object' && line !== null ? line : {}),
  );
  const lacks = (name: string, what: string): never => {
    throw new Error(`line ${at} of the ledger has no ${what} ${name}`);
  };
  const number = (name: string): number => {
    const value = fields.get(name);
    return typeof value === 'number' ? value : lacks(name, 'number');
  };
  const text = (name: string): string => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : lacks(name, 'text');
  };
  return {
    key: text('key'),
    status: number('status'),
    trace_id: text('trace_id'),
    t: number('t'),
    ms: number('ms'),
    ...(fields.has('code') ? { code: text('code') } : {}),
  };
}

/**
 * The answers without the requests that were under way when the load was ended (`endedAt`, milliseconds since the epoch):
 * k6 gives those up, and writes them down as not answered. One that got no answer before that stays.
 */
export function withoutCutOff(answers: readonly Answer[], endedAt: number): Answer[] {
  return answers.filter(({ status, t, ms }) => status !== 0 || t + ms < endedAt);
}

/** Every request is answered within this time: the gateway's limit, and some for the way, milliseconds. */
export const answeredWithinMs = 1.1 * gatewayPolicy.timeoutMs;

/**
 * The part of a stretch at the end of the load in which every buyer has left a line: k6 writes it with the answer, and none for
 * some of those that it gives up. Half of the stretch at least.
 */
export function linesOfAll({ from, to }: Span): Span {
  return { from, to: Math.max((from + to) / 2, to - answeredWithinMs) };
}

/** A stretch of time, milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When each phase was; what lies between two of them, while a fault is set or ended, belongs to none. */
export type Timeline = Readonly<Record<PhaseName, Span>>;

/** What buyers met in one phase. */
export interface PhaseAnswers {
  readonly seconds: number;
  /** Buyers who came. */
  readonly buyers: number;
  readonly rate_per_s: number;
  /** Share of them who got their order, at the first request or a repeat; `null` without any buyer. */
  readonly success: number | null;
  /** Of all their requests, repeats included, milliseconds. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  /** Requests that failed, by code. */
  readonly codes: Readonly<Record<string, number>>;
}

/** Whether a buyer got an order. */
const served = ({ status }: Answer) => status === 201;

/** The requests of each buyer who came in that stretch of time, later repeats included. */
export function buyersIn(answers: readonly Answer[], { from, to }: Span): Answer[][] {
  return [...Map.groupBy(answers, ({ key }) => key).values()].filter(
    ([first]) => first !== undefined && first.t >= from && first.t < to,
  );
}

/** What the buyers met who came in that stretch of time. */
export function phaseAnswers(answers: readonly Answer[], span: Span): PhaseAnswers {
  const { from, to } = span;
  const came = buyersIn(answers, span);
  const requests = came.flat();
  const seconds = (to - from) / 1000;
  return {
    seconds,
    buyers: came.length,
    rate_per_s: seconds > 0 ? came.length / seconds : 0,
    success: came.length === 0 ? null : came.filter((of) => of.some(served)).length / came.length,
    p50_ms: quantileMs(requests, 0.5),
    p95_ms: quantileMs(requests, 0.95),
    p99_ms: quantileMs(requests, 0.99),
    codes: codesOf(requests),
  };
}

/** Requests that failed, by code. */
export function codesOf(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const failed = answers.filter((answer) => !served(answer));
  const byCode = Map.groupBy(failed, ({ code = 'other' }) => code);
  return Object.fromEntries([...byCode].map(([code, of]) => [code, of.length]));
}

/** Codes that say that an order cannot be placed now, and not that anything is wrong with it. */
export const unavailableCodes: readonly string[] = [
  'dependency_unavailable',
  'dependency_timeout',
  'breaker_open',
  'overloaded',
  'deadline_exceeded',
];

/** Code of a request without an answer, and of an answer that is none of the shop's. */
const codesOfNobody: readonly string[] = ['no_answer', 'other'];

/** Whether a machine that is busy for a moment can be the reason for a failure of that code. */
export function isOfTime(code: string): boolean {
  return unavailableCodes.includes(code) || codesOfNobody.includes(code);
}

/** The shortest time that so large a share of the requests does not exceed, milliseconds; `null` of none. */
export function quantileMs(answers: readonly Answer[], share: number): number | null {
  if (answers.length === 0) return null;
  return quantile(
    answers.map(({ ms }) => ms),
    share,
  );
}

/**
 * Time from the begin of the phase after a fault to the last request that failed, seconds; 0 when none did. The whole length of the
 * phase when none was served after that: nothing has recovered, however late the last failure was answered. The answers are in
 * order of sending.
 */
export function recoverySeconds(answers: readonly Answer[], { from, to }: Span): number {
  const failed = answers.findLastIndex((answer) => answer.t >= from && !served(answer));
  const last = answers[failed];
  if (last === undefined) return 0;
  const end = failed < answers.length - 1 ? last.t : Math.max(last.t, to);
  return (end - from) / 1000;
}
