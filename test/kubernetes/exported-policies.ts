/**
 * What `./mesh policy export` writes for Istio and for Gateway API, before an API server that has the definitions they publish: it holds
 * each resource against its schema and works out the rules in CEL.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { targets } from '@microshop/cli/travel/export';
import { gatewayApiModules, istioModules } from '@microshop/cli/travel/testing/crds';
import { mistakes } from '@microshop/cli/travel/testing/mistakes';
import { filesOf } from '@microshop/cli/travel/testing/modules';
import { someRecords } from '@microshop/cli/travel/testing/policies';
import { policiesOf } from '@microshop/control/changes/store';
import { listOf, refusalOf, tryOut, withDefinitions } from './definitions.ts';
import { namespace, type Release } from './release.ts';

/** Kinds of Istio that are exported. Its one file defines eleven more, which only take time. */
const exportedKinds = ['VirtualService', 'DestinationRule', 'PeerAuthentication', 'AuthorizationPolicy'];

/** How many random sets of policies are tried for each. */
const tried = 5;

/** Does something while the cluster has the definitions. */
async function withTheirs(work: () => Promise<void>): Promise<void> {
  const texts = await Promise.all((await filesOf(istioModules)).map((file) => readFile(file, 'utf8')));
  const wanted = new RegExp(`^ {4}kind: (?:${exportedKinds.join('|')})$`, 'm');
  const definitions = texts.flatMap((text) => text.split(/^---$/m)).filter((text) => wanted.test(text));
  assert.equal(definitions.length, exportedKinds.length);
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-definitions-'));
  try {
    const file = path.join(directory, 'istio.yaml');
    await writeFile(file, definitions.join('---'));
    await withDefinitions([file, ...(await filesOf(gatewayApiModules))], work);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Registers the test; it runs on the shop of the chart, and changes nothing. */
export function testExportedPolicies(release: Release, skip: string | false): void {
  test('the API server accepts what is exported for Istio and for Gateway API, and refuses mistakes', {
    skip,
  }, async () => {
    await withTheirs(async () => {
      for (const name of ['istio', 'gateway-api'] as const) {
        const { stdout, stderr, exitCode } = await release.mesh('policy', 'export', '--for', name);
        assert.equal(exitCode, 0, stderr);
        const documents = stdout.match(/^kind: /gm)?.length ?? 0;
        assert.ok(documents > 2, stdout);
        const inEffect = await tryOut(stdout);
        assert.equal(inEffect.refused, '');
        assert.equal(inEffect.accepted.length, documents, inEffect.accepted.join('\n'));

        const others = someRecords(tried).flatMap((records) =>
          targets[name]({ policies: policiesOf(records), faults: [] }, namespace).documents.map(
            ({ document }) => document,
          ),
        );
        const random = await tryOut(listOf(others));
        assert.equal(random.refused, '', listOf(others));
        assert.equal(random.accepted.length, others.length);
      }

      for (const { document, says } of mistakes) {
        assert.match((await refusalOf(document)) ?? 'nothing is wrong', says);
      }
    });
  });
}
