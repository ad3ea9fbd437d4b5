/** What Grafana finds when it starts, besides the dashboards: held by shell and files, since it cannot run everywhere. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';

const folder = path.join(import.meta.dirname, '..');

/** Directory of dashboards after a start with that port of Jaeger. */
function started(t: TestContext, port?: string): string {
  const to = mkdtempSync(path.join(tmpdir(), 'grafana-'));
  t.after(() => rmSync(to, { recursive: true, force: true }));
  const env = { PATH: process.env['PATH'], FROM: path.join(folder, 'dashboards'), TO: to };
  const said = execFileSync('sh', [path.join(folder, 'start.sh'), 'echo', 'Grafana starts'], {
    env: port === undefined ? env : { ...env, MESH_PORT_JAEGER: port },
    encoding: 'utf8',
  });
  assert.equal(said, 'Grafana starts\n');
  return to;
}

test('links of the dashboards follow MESH_PORT_JAEGER', (t) => {
  const [usual, moved] = [started(t), started(t, '17686')];
  const files = readdirSync(path.join(folder, 'dashboards'));
  assert.deepEqual(readdirSync(moved).sort(), files.sort());
  for (const file of files) {
    const written = readFileSync(path.join(folder, 'dashboards', file), 'utf8');
    assert.equal(readFileSync(path.join(usual, file), 'utf8'), written);
    assert.ok(written.includes('http://127.0.0.1:16686'), file);
    const expected = written.replaceAll('http://127.0.0.1:16686', 'http://127.0.0.1:17686');
    assert.equal(readFileSync(path.join(moved, file), 'utf8'), expected);
  }
});

test('every directory that Grafana provisions from is there', () => {
  for (const kind of ['datasources', 'dashboards', 'plugins', 'alerting']) {
    const file = path.join(folder, 'provisioning', kind, 'microshop.yaml');
    assert.ok(existsSync(file), file);
    assert.equal(parse(readFileSync(file, 'utf8')).apiVersion, 1, file);
  }
});

test('a span leads to the numbers of its service and name', () => {
  const file = path.join(folder, 'provisioning/datasources/microshop.yaml');
  const text = readFileSync(file, 'utf8');
  const { datasources }: { datasources: { uid: string; jsonData: Record<string, unknown> }[] } = parse(text);
  const jaeger = datasources.find(({ uid }) => uid === 'jaeger')?.jsonData ?? {};
  const { datasourceUid, queries }: { datasourceUid: string; queries: { query: string }[] } = Object(
    jaeger['tracesToMetrics'],
  );
  assert.ok(datasources.some(({ uid }) => uid === datasourceUid));
  assert.ok(queries.length > 0);
  // Grafana would fill a single $ in from its environment, with nothing
  for (const { query } of queries) assert.match(query, /\{\$\$__tags[,}]/);
});
