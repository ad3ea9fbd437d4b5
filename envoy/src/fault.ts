/** Faults at a callee's inbound sidecar: what they are, and the runtime keys by which Envoy's filters take them. */
import { callersOf, type Identity, type ServiceName } from '@microshop/topology';
import type { Json } from './json.ts';

/** One fault. Its parts happen independently of each other, each to `percent` of the calls. */
export interface Fault {
  /** Service whose callers meet it. */
  readonly service: ServiceName;
  /** The one caller that meets it; `null`: every caller that has no fault of its own here. */
  readonly from: Identity | null;
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

/** The fault a caller meets at a service: its own before the one for everybody. */
export function faultFor(
  faults: readonly Fault[],
  service: ServiceName,
  caller: Identity,
): Fault | undefined {
  const there = faults.filter((fault) => fault.service === service);
  return there.find((fault) => fault.from === caller) ?? there.find((fault) => fault.from === null);
}

/** Callers that meet exactly this one of the faults. */
export function callersMeeting(faults: readonly Fault[], fault: Fault): readonly Identity[] {
  return callersOf(fault.service).filter((caller) => faultFor(faults, fault.service, caller) === fault);
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
 * Runtime keys of a service's sidecar. Abort and delay keys are those Envoy's fault filter makes itself of the header
 * `x-envoy-downstream-service-cluster`, which the inbound listener sets to the caller.
 */
export function faultRuntime(faults: readonly Fault[], service: ServiceName): Readonly<Record<string, Json>> {
  const entries = callersOf(service).flatMap((caller): [string, Json][] => {
    const fault = faultFor(faults, service, caller);
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
