/**
 * What is exported for Istio and for Gateway API is valid by the definitions that they publish, CEL rules included. An API server that
 * has them is asked the same in `test/kubernetes`; Istio's own analyzer is not.
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
import { mistakes } from './testing/mistakes.ts';
import { anyRecords } from './testing/policies.ts';

let check: Checker;
before(async () => {
  check = await definitionChecker();
});

async function mistakesIn(documents: readonly JsonObject[]): Promise<string[]> {
  const found: string[] = [];
  for (const document of documents) {
    const { kind } = document;
    found.push(...(await check(document)).map((mistake) => `${kind}: ${mistake}`));
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
  for (const { document, says } of mistakes) {
    const found = await mistakesIn([document]);
    assert.ok(
      found.some((mistake) => says.test(mistake)),
      `${says}: ${found.join('\n')}`,
    );
  }
});
