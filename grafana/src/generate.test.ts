import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { emptyWhenWell } from './check/empty-when-well.ts';
import { metricsOf } from './check/promql.ts';
import { parseDashboard, queriesOf } from './check/queries.ts';
import { jaeger, prometheus } from './datasources.ts';
import { grafanaFiles } from './generate.ts';

const folder = path.join(import.meta.dirname, '../dashboards');
const dashboards = readdirSync(folder).map((file) => ({
  file,
  dashboard: parseDashboard(readFileSync(path.join(folder, file), 'utf8')),
}));

describe('the committed files of Grafana', () => {
  for (const [file, text] of grafanaFiles()) {
    it(`${path.basename(file)} is what the code says (else run: node grafana/src/generate.ts)`, () => {
      assert.equal(readFileSync(file, 'utf8'), text);
    });
  }

  it('are all that is there: Grafana would load a leftover, too', () => {
    const written = [...grafanaFiles().keys()].map((file) => path.basename(file));
    assert.deepEqual(
      dashboards.map(({ file }) => file).filter((file) => !written.includes(file)),
      [],
    );
  });
});

/** What stands in the places of that form, in a legend or an address. */
function placeholders(text: string, form: RegExp): string[] {
  return [...text.matchAll(form)].map(([, name]) => name ?? '');
}

for (const { file, dashboard } of dashboards) {
  const { panels } = dashboard;
  describe(file, () => {
    it('has panels with numbers of their own, side by side within 24 columns', () => {
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
      for (const [index, { gridPos: a, title }] of panels.entries()) {
        assert.ok(a.x + a.w <= 24, `${title} ends beyond the grid`);
        const over = panels
          .slice(index + 1)
          .filter(
            ({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
          );
        assert.deepEqual(
          over.map((panel) => panel.title),
          [],
          `${title} lies over them`,
        );
      }
    });

    it('says on every panel what it tells and in which unit, from a data source that exists', () => {
      for (const panel of panels.filter(({ type }) => type !== 'row')) {
        assert.ok((panel.description ?? '').length > 20, `${panel.title} has no description`);
        assert.ok(panel.fieldConfig?.defaults.unit !== undefined, `${panel.title} has no unit`);
        assert.ok(
          [prometheus.uid, jaeger.uid].some((uid) => uid === panel.datasource?.uid),
          panel.title,
        );
        const ids = (panel.targets ?? []).map(({ refId }) => refId);
        assert.ok(ids.length > 0 && new Set(ids).size === ids.length, `${panel.title}: ${ids}`);
      }
    });

    it('has a menu of all dashboards, and marks of the faults', () => {
      assert.deepEqual(
        dashboard.links.map(({ type }) => type),
        ['dashboards', 'link'],
      );
      assert.ok(dashboard.tags.includes('microshop'));
      assert.deepEqual(
        dashboard.annotations.list.map(({ name }) => name),
        ['Faults'],
      );
    });

    it('names in legends and links only what there is: labels of the query, variables of the dashboard', () => {
      const variables = new Set([...dashboard.templating.list.map(({ name }) => name), '__from', '__to']);
      for (const { title, targets = [], fieldConfig } of panels) {
        const urls = [...dashboard.links, ...(fieldConfig?.defaults.links ?? [])].map(({ url }) => url ?? '');
        const ofLine = urls.flatMap((url) => placeholders(url, /\$\{__field\.labels\.(\w+)\}/g));
        for (const { expr, legendFormat } of targets) {
          for (const label of [...placeholders(legendFormat, /\{\{(\w+)\}\}/g), ...ofLine]) {
            assert.match(expr, new RegExp(`by \\([^)]*\\b${label}\\b`), `${title}: ${label}`);
          }
        }
        const named = urls.flatMap((url) => placeholders(url, /\$\{(?!__field)(\w+)/g));
        assert.deepEqual(
          named.filter((name) => !variables.has(name)),
          [],
          title,
        );
      }
    });

    it('asks in PromQL', () => {
      for (const { expr } of queriesOf(dashboard)) assert.ok(metricsOf(expr).length > 0, expr);
    });
  });
}

it('dashboards have uids of their own, and those of their files', () => {
  assert.deepEqual(
    dashboards.map(({ dashboard }) => `${dashboard.uid}.json`),
    dashboards.map(({ file }) => file),
  );
});

it('every exception is about a query that is there', () => {
  const names = dashboards.flatMap(({ dashboard }) => queriesOf(dashboard).map(({ name }) => name));
  assert.deepEqual(
    [...emptyWhenWell.keys()].filter((name) => !names.includes(name)),
    [],
  );
});
