import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlyWithEdgeAuth } from '../panels/modes.ts';
import { metricsOf } from './promql.ts';
import { parseDashboard, queriesOf } from './queries.ts';

const panel = {
  id: 1,
  type: 'stat',
  title: 'Rate',
  gridPos: { x: 0, y: 0, w: 6, h: 4 },
  targets: [
    {
      refId: 'A',
      legendFormat: 'calls',
      expr: `sum(rate(calls_total{service=~"$caller", x="\${caller}"}[$__rate_interval]))`,
    },
  ],
};
const variable = {
  name: 'caller',
  type: 'query',
  query: { query: 'label_values(calls_total{a="b"}, service)' },
};
const text = { name: 'address', type: 'textbox', query: 'http://127.0.0.1' };

function dashboard(changes: { panels?: unknown[]; variables?: unknown[] }) {
  const { panels = [panel], variables = [variable, text] } = changes;
  return parseDashboard(
    JSON.stringify({
      ...{ uid: 'one', title: 'One', tags: [], links: [], panels },
      templating: { list: variables },
      annotations: { list: [{ name: 'Faults', expr: 'faults{service=~"$caller"} > 0' }] },
    }),
  );
}

test('every query of panels, variables and annotations is found, with all values in place of the variables', () => {
  assert.deepEqual(queriesOf(dashboard({})), [
    { name: 'one / $caller', expr: 'calls_total{a="b"}', labelValuesOf: 'service' },
    { name: 'one / @Faults', expr: 'faults{service=~".*"} > 0' },
    { name: 'one / Rate / A', expr: 'sum(rate(calls_total{service=~".*", x=".*"}[20s]))' },
  ]);
});

test('a query says which mode of the mesh its panel needs', () => {
  const needing = { ...panel, fieldConfig: { defaults: { noValue: onlyWithEdgeAuth } } };
  const [query] = queriesOf(dashboard({ panels: [needing] })).filter(({ needs }) => needs !== undefined);
  assert.deepEqual([query?.name, query?.needs], ['one / Rate / A', 'edge-auth']);
});

test('a variable that nobody defines is named with its query', () => {
  assert.throws(() => queriesOf(dashboard({ variables: [] })), /one \/ Rate \/ A uses \$caller/);
});

test('a variable in another form is named', () => {
  const other = { ...variable, query: { query: 'metrics(x.*)' } };
  assert.throws(() => queriesOf(dashboard({ variables: [other] })), /one \/ \$caller asks metrics/);
});

test('a dashboard that does not fit is refused, with the place', () => {
  assert.throws(() => dashboard({ panels: [{ ...panel, title: '' }] }), /dashboard\/panels\/0\/title/);
});

test('metrics of a query, wherever they stand; what is no PromQL is shown', () => {
  assert.deepEqual(
    metricsOf('sum by (le) (rate(a_bucket{le="b"}[5m])) / on (c) group_left (d) e or vector(0)'),
    ['a_bucket', 'e'],
  );
  assert.throws(() => metricsOf('sum(rate(a[5m])'), /no PromQL/);
  assert.throws(() => metricsOf('sum(rate(a[$__rate_interval]))'), /no PromQL at/);
});
