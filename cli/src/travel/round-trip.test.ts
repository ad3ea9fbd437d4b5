/** What is exported for Istio says the same again when it was imported, whatever the policies are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsWith } from '@microshop/control/changes/policy-values';
import type { PolicyRecord } from '@microshop/control/changes/schemas';
import { policiesOf } from '@microshop/control/changes/store';
import fc from 'fast-check';
import { exportText } from './export.ts';
import { hostsOf } from './hosts.ts';
import { importIstio } from './import.ts';
import { istioExport } from './istio.ts';
import { usualNamespace } from './names.ts';
import { anyRecords } from './testing/policies.ts';

/** Policies of each property; the next run has others. */
const runs = { numRuns: 40 };

/** The export of policies that need not fit together: what Istio has no word for may be another's. */
function exported(records: readonly PolicyRecord[]): string {
  return exportText(istioExport({ policies: policiesOf(records, false), faults: [] }, usualNamespace));
}

/** What is in effect when an export was imported and applied where that was in effect before. */
function after(text: string, before: readonly PolicyRecord[]): PolicyRecord[] {
  return recordsWith(before, importIstio(text, 'ours.yaml', hostsOf([]), before).policies);
}

test('random policies fit together', () => {
  fc.assert(fc.property(anyRecords(), (records) => void policiesOf(records)));
});

test('export, import, export: equal, on the mesh that it came from', () => {
  fc.assert(
    fc.property(anyRecords(), (records) => {
      const first = exported(records);
      const back = after(first, records);
      // what was exported fits together again
      policiesOf(back);
      assert.equal(exported(back), first);
    }),
    runs,
  );
});

test('export, import, export: equal, on a mesh as the topology has it', () => {
  fc.assert(
    fc.property(anyRecords(), (records) => {
      const first = exported(records);
      assert.equal(exported(after(first, [])), first);
    }),
    runs,
  );
});

test('an import of an export names what is no policy of calls, and no field', () => {
  fc.assert(
    fc.property(anyRecords(), (records) => {
      const { notTaken } = importIstio(exported(records), 'ours.yaml', hostsOf([]), records);
      const others = notTaken.filter(
        ({ kind, field }) =>
          field !== null || (kind !== 'PeerAuthentication' && kind !== 'AuthorizationPolicy'),
      );
      assert.deepEqual(others, []);
    }),
    runs,
  );
});
