/** Who may call whom, pod to pod: each identity from a pod of its own, with that pod's certificate, against each port of each service. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { callersOf, identities, services } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { podsOf } from './installed.ts';
import type { Release } from './release.ts';

const foundSchema = Type.Record(Type.String(), Type.Union([Type.Integer(), Type.String()]));

/** Registers the tests; they run while that release is installed, and change nothing. */
export function testWhoMayCall(release: Release, skip: string | false): void {
  /** What the program finds in a pod of that identity. */
  async function foundBy(identity: string): Promise<Readonly<Record<string, number | string>>> {
    const program = await readFile(path.join(import.meta.dirname, 'calls-from-pod.ts'), 'utf8');
    const pod = (await podsOf(release, identity)).find(({ leaves }) => !leaves);
    assert.ok(pod !== undefined);
    const said = await release.inPod(pod.name, 'agent', ['--input-type=module-typescript', '-'], program);
    return Value.Parse(foundSchema, JSON.parse(said));
  }

  for (const identity of identities) {
    test(`${identity} gets in where the topology has a call of it, with its certificate and under its name`, {
      skip,
    }, async () => {
      const found = await foundBy(identity);
      const wanted = services.flatMap(({ name }): [string, number | string][] => [
        [`${name} with its certificate`, callersOf(name).includes(identity) ? 200 : 403],
        [`${name} under another name`, 403],
        [`${name} without a certificate`, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
        [`${name} plainly`, 'ECONNRESET'],
        // these are for the pod itself
        [`${name} app`, 'ECONNREFUSED'],
        [`${name} outbound`, 'ECONNREFUSED'],
        [`${name} admin`, 'ECONNREFUSED'],
      ]);
      assert.deepEqual(found, Object.fromEntries(wanted));
    });
  }
}
