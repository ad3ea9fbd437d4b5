/** No field of a policy gets lost in silence on its way to another mesh: it is written there, or reported. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CallEdge,
  callEdges,
  edgeNamed,
  type NamedPolicyField,
  policiesWith,
  policyOf,
  possibleFields,
  topologyPolicies,
} from '@microshop/topology';
import { exportText, lossReport, targetOf } from './export.ts';
import { usualNamespace } from './names.ts';

/** Another value than the topology's. */
function other(field: NamedPolicyField, edge: CallEdge): number | string {
  const value = field.read(policyOf(topologyPolicies, edge));
  if (typeof value === 'number') return value === 1 ? 2 : value - 1;
  return value === null ? 3600 : 'connect-failure';
}

for (const name of ['istio', 'gateway-api', 'envoy']) {
  test(`${name}: every field of every call is written, or reported as lost`, () => {
    const target = targetOf(name);
    const exported = (edge?: CallEdge, change = {}) => {
      const changes = edge === undefined ? [] : [{ edge, change }];
      return target.write({ policies: policiesWith(changes, false), faults: [] }, usualNamespace);
    };
    const before = exportText(exported());
    const silent = callEdges.flatMap((edge) =>
      possibleFields(policyOf(topologyPolicies, edge)).flatMap((field) => {
        const after = exported(edge, { [field.name]: other(field, edge) });
        const isReported = lossReport(target.name, after).losses.some(
          (loss) =>
            loss.name === field.name &&
            loss.where.some(({ caller, callee }) => caller === edge.caller && callee === edge.callee),
        );
        return isReported || exportText(after) !== before ? [] : [`${edgeNamed(edge)}: ${field.name}`];
      }),
    );
    assert.deepEqual(silent, []);
  });
}
