import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composePlacement, kubernetesPlacement, nativePlacement } from '@microshop/topology';
import { splitConfigs } from './write.ts';

test('natively and in compose the admin reads only, at its own port', () => {
  for (const placement of [nativePlacement({ instance: 1, env: {} }), composePlacement()]) {
    for (const { bootstrap } of Object.values(splitConfigs(placement))) {
      const text = JSON.stringify(bootstrap);
      assert.doesNotMatch(text, /drain_listeners/);
      assert.doesNotMatch(text, /"listeners"/);
    }
  }
});

test('on Kubernetes it listens for its pod, and others read it through a listener that is there from the start', () => {
  const placement = kubernetesPlacement();
  for (const [part, { bootstrap, files }] of Object.entries(splitConfigs(placement))) {
    const admin = JSON.stringify(bootstrap['admin']);
    assert.match(admin, /"address":"127.0.0.1","port_value":15000/, part);
    assert.match(admin, /{"exact":"\/drain_listeners\?graceful&inboundonly&skip_exit"}/, part);
    const resources = JSON.stringify(bootstrap['static_resources']);
    const port = placement.pods.find(({ sidecar }) => sidecar === part)?.admin.port ?? 9900;
    assert.match(resources, new RegExp(`"address":"0.0.0.0","port_value":${port}`), part);
    assert.doesNotMatch(resources, /drain_listeners/, part);
    // an app's health is asked there; the gateway has no app
    assert.equal(resources.includes('/health/'), part !== 'gateway', part);
    assert.doesNotMatch(JSON.stringify(files['listeners.yaml']), /"name":"admin"/, part);
  }
});
