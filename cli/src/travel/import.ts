/**
 * Takes the policies of somebody's Istio resources over to the calls of the shop, as a file of policies. What such a file
 * leaves out stays as it is in effect.
 */

import { recordsWith } from '@microshop/control/changes/policy-values';
import type { PolicyRecord, WantedPolicy } from '@microshop/control/changes/schemas';
import { wantedPolicySchema } from '@microshop/control/changes/schemas';
import { policiesOf } from '@microshop/control/changes/store';
import {
  type CallEdge,
  type CallPolicy,
  callEdges,
  edgeNamed,
  PolicyError,
  policyOf,
  possibleFields,
} from '@microshop/topology';
import { Value } from 'typebox/value';
import { CommandFailed, UsageError } from '../output/errors.ts';
import { ruleOf } from './destination-rule.ts';
import { type NotTaken, type Resource, streamOf } from './documents.ts';
import type { GivenValues } from './given-values.ts';
import type { Hosts } from './hosts.ts';
import { rankOfRoutes, valuesOfRoutes } from './route-values.ts';
import { routesOf } from './virtual-service.ts';

/** A call that the file is about, and what the file does not say of it. */
interface Stays {
  readonly caller: string;
  readonly callee: string;
  /** Fields that stay as they are in effect. */
  readonly fields: readonly string[];
}

/** What became of a file. */
export interface Imported {
  readonly policies: readonly WantedPolicy[];
  readonly notTaken: readonly NotTaken[];
  readonly stays: readonly Stays[];
  /** What `--as` says of names that the file does not have. */
  readonly unusedAs: readonly string[];
}

/** Kinds that are not taken over though there is something like them here. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['PeerAuthentication', 'every call here has mutual TLS'],
  ['AuthorizationPolicy', 'the topology says who may call which service'],
  ['HTTPRoute', 'only a VirtualService is imported, not a route of Gateway API'],
]);

/** A resource that says something about calls. */
interface Source {
  readonly resource: Resource;
  /** Which of several counts for a call: the one with the least number. `undefined`: it is not about that call. */
  rankFor(edge: CallEdge): number | undefined;
  valuesFor(edge: CallEdge): GivenValues;
}

/** Reads a file; `records` is what is in effect beside the topology. Throws `UsageError` with every mistake. */
export function importIstio(
  source: string,
  file: string,
  hosts: Hosts,
  records: readonly PolicyRecord[],
): Imported {
  const stream = streamOf(source, file);
  const base = policiesOf(records, false);
  const virtualServices: Source[] = [];
  const rules: Source[] = [];
  for (const resource of stream.resources) {
    const { group, kind } = resource;
    if (group === 'networking.istio.io' && kind === 'VirtualService') {
      const routes = routesOf(resource, hosts);
      virtualServices.push({
        resource,
        rankFor: (edge) => rankOfRoutes(edge, routes),
        valuesFor: (edge) => valuesOfRoutes(edge, routes, policyOf(base, edge)) ?? {},
      });
    } else if (group === 'networking.istio.io' && kind === 'DestinationRule') {
      const rule = ruleOf(resource, hosts);
      if (rule === undefined) resource.pass('no call of the shop is one that it is about');
      else {
        const { edges, rank, values } = rule;
        const isEmpty = Object.keys(values).length === 0;
        rules.push({
          resource,
          rankFor: (edge) => (edges.includes(edge) && !isEmpty ? rank : undefined),
          valuesFor: () => values,
        });
      }
    } else resource.pass(kinds.get(kind) ?? 'there is nothing like it here');
  }
  stream.orMistakes();
  // nothing is derived from an invalid document
  const found = callEdges.map((edge) => ({
    edge,
    policy: { ...takenFor(edge, virtualServices), ...takenFor(edge, rules) },
  }));

  // what several routes say together is checked later
  const notTaken = stream.notTaken.toSorted((one, other) => one.document - other.document);
  const unusedAs = hosts.unused();
  const policies = found
    .filter(({ policy }) => Object.keys(policy).length > 0)
    .map(({ edge, policy }) => Value.Parse(wantedPolicySchema, { ...edge, policy }));
  if (policies.length === 0) {
    const nothing = `${file} has nothing to import for a call here: no VirtualService with timeout or retries, and no DestinationRule with retryBudget, outlierDetection or connectionPool`;
    throw new UsageError([nothing, ...namedLines(file, { notTaken, unusedAs })].join('\n'));
  }
  return {
    policies,
    notTaken,
    unusedAs,
    stays: policies.map(({ caller, callee, policy }) => ({
      caller,
      callee,
      fields: staying(policyOf(base, edgeOf(caller, callee)), policy),
    })),
  };
}

/** The report of an import, for programs. */
export function importReport(file: string, { notTaken, stays, unusedAs }: Imported): object {
  return { file, not_taken: notTaken, stays, unused_as: unusedAs };
}

/** The same in words, a line each. */
export function importLines(file: string, imported: Imported): string[] {
  return [
    ...namedLines(file, imported),
    ...imported.stays
      .filter(({ fields }) => fields.length > 0)
      .map(({ caller, callee, fields }) => `${caller} → ${callee} keeps ${fields.join(', ')}`),
  ];
}

function namedLines(file: string, { notTaken, unusedAs }: Pick<Imported, 'notTaken' | 'unusedAs'>): string[] {
  return [
    ...notTaken.map(({ document, kind, name, field, why }) => {
      const what = [kind, name].flatMap((word) => word ?? []).join(' ');
      return `${file}, document ${document} (${what})${field === null ? '' : `, ${field}`}: ${why}`;
    }),
    ...unusedAs.map((text) => `--as ${text}: ${file} has no host and no label of that name`),
  ];
}

function edgeOf(caller: string, callee: string): CallEdge {
  const edge = callEdges.find((one) => one.caller === caller && one.callee === callee);
  if (edge === undefined) throw new Error(`There is no call ${caller} → ${callee}`);
  return edge;
}

function staying(policy: CallPolicy, values: GivenValues): string[] {
  return possibleFields(policy)
    .map(({ name }) => name)
    .filter((name) => !Object.hasOwn(values, name));
}

/** Throws `CommandFailed` when the policies, with what is in effect, do not fit together. */
export function checkTogether(
  file: string,
  policies: readonly WantedPolicy[],
  records: readonly PolicyRecord[],
): void {
  try {
    policiesOf(recordsWith(records, policies), true);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new CommandFailed(`${file}: ${error.message}`, { cause: error });
  }
}

/** What the source that counts for the call says; every other that is about it is named. */
function takenFor(edge: CallEdge, sources: readonly Source[]): GivenValues {
  const [first, ...others] = sources
    .flatMap((source) => {
      const rank = source.rankFor(edge);
      return rank === undefined ? [] : [{ ...source, rank }];
    })
    .toSorted((one, other) => one.rank - other.rank);
  if (first === undefined) return {};
  for (const { resource } of others) {
    resource.pass(
      `${edgeNamed(edge)} is taken from ${first.resource.called}: one ${resource.kind} counts for a call`,
    );
  }
  return first.valuesFor(edge);
}
