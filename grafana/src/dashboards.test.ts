import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { emptyWhenWell } from './check/empty-when-well.ts';
import { metricsOf } from './check/promql.ts';
import { parseDashboard, queriesOf } from './check/queries.ts';
import { jaeger, prometheus } from './datasources.ts';

const folder = path.join(import.meta.dirname, '../dashboards');
const dashboards = readdirSync(folder).map((file) => ({
  file,
  dashboard: parseDashboard(readFileSync(path.join(folder, file), 'utf8')),
}));

/** What stands in the places of that form, in a legend or an address. */
function placeholders(text: string, form: RegExp): string[] {
  return [...text.matchAll(form)].map(([, name]) => name ?? '');
}

type Panel = (typeof dashboards)[number]['dashboard']['panels'][number];

/** What Grafana would show wrongly of a panel, though each of its queries is right. */
function misleading({ title, type, targets = [], fieldConfig }: Panel): string[] {
  const { noValue = '', thresholds } = fieldConfig?.defaults ?? {};
  const [, ...steps] = (thresholds?.steps ?? []).map(({ value }) => value ?? Number.NaN);
  const rules: [boolean, string][] = [
    // over a range the last value of a stat stays there when what it tells has ended
    [
      type !== 'stat' || targets.every(({ instant, range }) => instant === true && range === false),
      'is a stat over a range: it would keep its last value',
    ],
    [noValue !== '', 'says "No data" when there is nothing to show'],
    [
      steps.every((step, index) => !Number.isNaN(step) && (index === 0 || step > (steps[index - 1] ?? step))),
      'has limits that do not ascend',
    ],
    [
      type !== 'stat' || targets.every(({ expr }) => expr.endsWith(' > -Inf')),
      'would print NaN for a share or a quantile of nothing',
    ],
  ];
  return rules.filter(([kept]) => !kept).map(([, what]) => `${title} ${what}`);
}

it('a panel that would mislead is found out', () => {
  const panel = dashboards
    .flatMap(({ dashboard }) => dashboard.panels)
    .find(({ title }) => title === 'Alerts firing');
  assert.ok(panel?.fieldConfig !== undefined && panel.targets !== undefined);
  assert.deepEqual(misleading(panel), []);
  const { defaults } = panel.fieldConfig;
  const looking = (changed: object) =>
    misleading({ ...panel, fieldConfig: { defaults: { ...defaults, ...changed } } });
  const twice = [{ value: null }, { value: 1 }, { value: 1 }];
  assert.match(looking({ thresholds: { steps: twice } })[0] ?? '', /limits that do not ascend/);
  assert.match(looking({ noValue: '' })[0] ?? '', /"No data"/);
  const asking = (changed: object) =>
    misleading({ ...panel, targets: panel.targets?.map((target) => ({ ...target, ...changed })) ?? [] });
  assert.match(asking({ instant: false, range: true })[0] ?? '', /keep its last value/);
  assert.match(asking({ expr: '0 / 0' })[0] ?? '', /NaN/);
});

it('alerts are shown by name, since their number is always 1', () => {
  const panels = dashboards.flatMap(({ dashboard }) => dashboard.panels);
  const alerts = panels.filter(({ targets = [] }) => targets.some(({ expr }) => expr.includes('ALERTS{')));
  assert.deepEqual(
    alerts.map(({ options }) => options?.textMode),
    ['value_and_name'],
  );
});

it('no panel is empty for the choice that its dashboard opens with: a cache is shown for every service that has one', () => {
  const hits = dashboards
    .flatMap(({ dashboard }) => dashboard.panels)
    .filter(({ targets = [] }) => targets.some(({ expr }) => expr.includes('shop_cache_lookups_total')));
  assert.equal(hits.length, 1);
  for (const { targets = [] } of hits) for (const { expr } of targets) assert.doesNotMatch(expr, /\$service/);
});

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

    it('shows what is now, says what nothing means, and has limits that ascend', () => {
      assert.deepEqual(panels.filter(({ type }) => type !== 'row').flatMap(misleading), []);
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
