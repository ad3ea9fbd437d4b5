/**
 * What is exported for Istio and for Gateway API is valid by the definitions that they publish, CEL rules included. An API server that
 * has the definitions is one more {@link Checker}; there is none here, nor Istio's own analyzer.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { policiesOf } from '@microshop/control/changes/store';
import type { JsonObject } from '@microshop/envoy';
import { policiesWith } from '@microshop/topology';
import fc from 'fast-check';
import type { Exporter } from './exported.ts';
import { gatewayApiExport } from './gateway-api.ts';
import { istioExport } from './istio.ts';
import { usualNamespace } from './names.ts';
import { type Checker, definitionChecker } from './testing/crds.ts';
import { anyRecords } from './testing/policies.ts';

const checkers: Checker[] = [];
before(async () => {
  checkers.push(await definitionChecker());
});

async function mistakesIn(documents: readonly JsonObject[]): Promise<string[]> {
  const found: string[] = [];
  for (const check of checkers) {
    for (const document of documents) {
      const { kind } = document;
      found.push(...(await check(document)).map((mistake) => `${kind}: ${mistake}`));
    }
  }
  return found;
}

for (const [name, exporter] of Object.entries<Exporter>({
  istio: istioExport,
  'gateway-api': gatewayApiExport,
})) {
  const exported = (policies: Parameters<Exporter>[0]['policies']) =>
    exporter({ policies, faults: [] }, usualNamespace).documents.map(({ document }) => document);

  test(`${name}: what the topology says is valid`, async () => {
    const documents = exported(policiesWith([]));
    assert.ok(documents.length > 2);
    assert.deepEqual(await mistakesIn(documents), []);
  });

  test(`${name}: whatever the policies are, the export is valid`, async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords(), async (records) => {
        assert.deepEqual(await mistakesIn(exported(policiesOf(records))), []);
      }),
      { numRuns: 25 },
    );
  });
}

test('what is wrong is found: a field, a type, a value, a rule', async () => {
  const route = (...http: readonly JsonObject[]): JsonObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'cart' },
    spec: { hosts: ['cart'], http },
  });
  const httpRoute = (rule: JsonObject): JsonObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'cart' },
    spec: { rules: [rule] },
  });
  const rule = (trafficPolicy: JsonObject): JsonObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'cart' },
    spec: { host: 'cart', trafficPolicy },
  });
  for (const [document, says] of [
    [route({ retries: { tries: 3 } }), /must NOT have additional properties .*tries/],
    [route({ retries: { attempts: '2' } }), /must be integer/],
    [route({ timeout: '0s' }), /must be a valid duration greater than 1ms/],
    [rule({ retryBudget: { percent: 101 } }), /must be <= 100/],
    [httpRoute({ retry: { codes: [200] } }), /must be >= 400/],
    [
      httpRoute({ timeouts: { request: '1s', backendRequest: '2s' } }),
      /backendRequest timeout cannot be longer than request timeout/,
    ],
  ] as const) {
    const found = await mistakesIn([document]);
    assert.ok(
      found.some((mistake) => says.test(mistake)),
      `${says}: ${found.join('\n')}`,
    );
  }
});
