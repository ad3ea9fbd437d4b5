/** Faults at a callee's inbound sidecar: what they are, and the runtime keys by which Envoy's filters take them. */
import { callersOf, type Identity, type ServiceName } from '@microshop/topology';
import type { Json } from './json.ts';

/** One fault. Its parts happen independently of each other, each to `percent` of the calls. */
export interface Fault {
  /** Service whose callers meet it. */
  readonly service: ServiceName;
  /** The one caller that meets it; `null`: every caller that has no fault of its own here. */
  readonly from: Identity | null;
  /** The one replica of the service that has it, from 1 on; `null`: every one that has no fault of its own. */
  readonly replica: number | null;
  /** Status answered in place of the service, which does not see the call; `null`: none. */
  readonly abort: number | null;
  /** Time a call is held before the service sees it, milliseconds; `null`: none. */
  readonly delayMs: number | null;
  /** Whether the service does its work and its answer is replaced by 503. */
  readonly replaceAnswer: boolean;
  /** Whether the body of the service's answer comes at 1 KiB per second. */
  readonly slowAnswer: boolean;
  /** Share of the calls, percent: a whole number from 1 to 100. */
  readonly percent: number;
}

/** The fault a caller meets at a replica of a service: its own before the one for everybody, and of these the replica's. */
export function faultFor(
  faults: readonly Fault[],
  service: ServiceName,
  caller: Identity,
  replica: number,
): Fault | undefined {
  const of = (from: Identity | null, at: number | null) =>
    faults.find((fault) => fault.service === service && fault.from === from && fault.replica === at);
  return of(caller, replica) ?? of(caller, null) ?? of(null, replica) ?? of(null, null);
}

/** Callers that meet exactly this one of the faults at that replica. */
export function callersMeeting(faults: readonly Fault[], fault: Fault, replica: number): readonly Identity[] {
  const { service } = fault;
  return callersOf(service).filter((caller) => faultFor(faults, service, caller, replica) === fault);
}

/** What every runtime key of a fault begins with. */
export const faultKeyPrefix = 'fault.http.';

/** The key under which answers to that caller are replaced, percent. */
export function replaceAnswerKey(caller: Identity): string {
  return `${faultKeyPrefix}${caller}.answer.replace_percent`;
}

/** The key under which answers to that caller come slowly, percent. */
export function slowAnswerKey(caller: Identity): string {
  return `${faultKeyPrefix}${caller}.answer.slow_percent`;
}

/**
 * Runtime keys of the sidecar of that replica of a service. Abort and delay keys are those Envoy's fault filter makes itself of the header
 * `x-envoy-downstream-service-cluster`, which the inbound listener sets to the caller.
 */
export function faultRuntime(
  faults: readonly Fault[],
  service: ServiceName,
  replica: number,
): Readonly<Record<string, Json>> {
  const entries = callersOf(service).flatMap((caller): [string, Json][] => {
    const fault = faultFor(faults, service, caller, replica);
    if (fault === undefined) return [];
    const key = (name: string) => `${faultKeyPrefix}${caller}.${name}`;
    const { abort, delayMs, percent } = fault;
    return [
      ...(abort === null
        ? []
        : ([
            [key('abort.abort_percent'), percent],
            [key('abort.http_status'), abort],
          ] satisfies [string, Json][])),
      ...(delayMs === null
        ? []
        : ([
            [key('delay.fixed_delay_percent'), percent],
            [key('delay.fixed_duration_ms'), delayMs],
          ] satisfies [string, Json][])),
      ...(fault.slowAnswer ? ([[slowAnswerKey(caller), percent]] satisfies [string, Json][]) : []),
      ...(fault.replaceAnswer ? ([[replaceAnswerKey(caller), percent]] satisfies [string, Json][]) : []),
    ];
  });
  return Object.fromEntries(entries);
}
