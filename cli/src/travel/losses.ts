/** What of the shop's policies another mesh cannot express: the loss report. */
import type { FaultAnswer } from '@microshop/control/changes/schemas';
import {
  type CallEdge,
  type CallPolicy,
  callEdges,
  type Identity,
  type MeshPolicies,
  policyFieldList,
  policyOf,
  requestDeadlineMs,
  type ServiceName,
  unlimitedPerSecond,
} from '@microshop/topology';
import { effectOf } from '../text/changes.ts';
import { fieldValue } from './policy-field.ts';

/** What is in effect, as it is exported. */
export interface InEffect {
  readonly policies: MeshPolicies;
  readonly faults: readonly FaultAnswer[];
}

/** A value that is lost. */
interface LostValue {
  /** Null: every caller. */
  readonly caller: Identity | null;
  readonly callee: ServiceName;
  /** The value in effect; null where there is none to name. */
  readonly value: string | number | null;
}

/** One thing that is lost, and where. */
export interface Loss {
  /** A field of a policy (named as in a file of policies), a fault, or something else that holds for these calls. */
  readonly kind: 'policy_field' | 'fault' | 'setting';
  readonly name: string;
  /** A sentence: what happens there instead. */
  readonly why: string;
  readonly where: readonly LostValue[];
}

/** Losses as they are found; those with one reason are kept together. */
export interface Losses {
  /** A field of that call's policy; `value` when it is not the field's own. */
  field(name: string, why: string, edge: CallEdge, value?: string | number): void;
  /** Something that holds for these calls. */
  setting(name: string, why: string, edges: readonly CallEdge[], value?: string | number): void;
  fault(fault: FaultAnswer, why: string): void;
  readonly list: readonly Loss[];
}

/** Nothing lost so far. */
export function createLosses({ policies }: Pick<InEffect, 'policies'>): Losses {
  const list: { kind: Loss['kind']; name: string; why: string; where: LostValue[] }[] = [];
  const add = (kind: Loss['kind'], name: string, why: string, place: LostValue) => {
    const same = list.find((one) => one.kind === kind && one.name === name && one.why === why);
    if (same === undefined) list.push({ kind, name, why, where: [place] });
    else same.where.push(place);
  };
  return {
    list,
    field(name, why, { caller, callee }, value) {
      const own = fieldValue(policyOf(policies, { caller, callee }), name);
      add('policy_field', name, why, { caller, callee, value: value ?? own });
    },
    setting(name, why, edges, value) {
      for (const { caller, callee } of edges) {
        add('setting', name, why, { caller, callee, value: value ?? null });
      }
    },
    fault(fault, why) {
      const { from, service } = fault;
      add('fault', 'fault', why, { caller: from, callee: service, value: effectOf(fault) });
    },
  };
}

/** Fields that the breaker in the app applies; none of a call of the gateway. */
const appFields = policyFieldList.map(({ name }) => name).filter((name) => /^(breaker_|app_)/.test(name));

const breakerWhy =
  'The breaker is in the app, around the whole call: it goes where the app goes (packages/mesh-client), and no mesh has it.';

/** What lives in the apps is part of no mesh. */
export function loseAppFields({ policies }: InEffect, losses: Losses): void {
  for (const edge of callEdges) {
    for (const name of appFields) {
      if (fieldValue(policyOf(policies, edge), name) !== null) losses.field(name, breakerWhy, edge);
    }
  }
}

/** A limit on the rate, where there is one. */
export function loseRateLimit(losses: Losses, why: string, edge: CallEdge, { rateLimit }: CallPolicy): void {
  if (rateLimit !== null && rateLimit.perSecond < unlimitedPerSecond) {
    losses.field('rate_limit_per_s', why, edge);
  }
}

/** The time limit of a whole request, which is no limit of any one call. */
export function loseDeadline(losses: Losses, why: string): void {
  const fromGateway = callEdges.filter(({ caller }) => caller === 'gateway');
  losses.setting('request_deadline_ms', why, fromGateway, requestDeadlineMs);
}
