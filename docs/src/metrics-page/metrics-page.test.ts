import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { differences, unbounded } from './compare.ts';
import { type Family, familiesOf, labelsOf, type MetadataByName, type Series } from './family.ts';
import { metricsPage, rowsOn } from './page.ts';
import { askedFor, usedMetrics } from './used.ts';

const from = { job: 'orders', instance: 'orders', service_name: 'orders', otel_scope_name: '@microshop/x' };

const metadata: MetadataByName = {
  shop_orders_placed: [{ type: 'counter', help: 'Orders placed' }],
  shop_consumer_lag_seconds: [{ type: 'histogram', help: 'Time to the effect.' }],
  envoy_cluster_upstream_rq_total: [{ type: 'counter', help: '' }],
  envoy_server_uptime: [{ type: 'gauge', help: '' }],
};

const series: readonly Series[] = [
  { __name__: 'shop_orders_placed_total', ...from },
  { __name__: 'shop_consumer_lag_seconds_bucket', le: '1', shop_event_type: 'A', ...from },
  { __name__: 'shop_consumer_lag_seconds_count', shop_event_type: 'A', ...from },
  { __name__: 'shop_consumer_lag_seconds_count', shop_event_type: 'A', ...from, service_name: 'products' },
  { __name__: 'envoy_cluster_upstream_rq_total', job: 'envoy', envoy_cluster_name: 'users' },
  { __name__: 'envoy_server_uptime', job: 'envoy' },
  { __name__: 'edge:calls:rate1m', service: 'orders' },
];

const families = familiesOf(series, metadata);
const used = askedFor(['sum(rate(envoy_cluster_upstream_rq_total[1m]))']);
const rows = rowsOn(metricsPage(families, used));

/** Those families with one more series. */
const grown = (one: Series) => familiesOf([...series, one], metadata);

test('a histogram is one metric, a counter keeps its suffix, and labels are those of the metric itself', () => {
  assert.deepEqual(
    families.map(({ name, type }) => [name, type]),
    [
      ['edge:calls:rate1m', undefined],
      ['envoy_cluster_upstream_rq_total', 'counter'],
      ['envoy_server_uptime', 'gauge'],
      ['shop_consumer_lag_seconds', 'histogram'],
      ['shop_orders_placed_total', 'counter'],
    ],
  );
  assert.deepEqual(families.map(labelsOf), [
    ['service'],
    ['envoy_cluster_name'],
    [],
    ['shop_event_type'],
    [],
  ]);
});

describe('the page', () => {
  test('lists ours, what is recorded, and of the servers’ what is used; the others are counted', () => {
    assert.deepEqual(
      [...rows.keys()],
      [
        'shop_orders_placed_total',
        'shop_consumer_lag_seconds',
        'envoy_cluster_upstream_rq_total',
        'edge:calls:rate1m',
      ],
    );
    assert.match(metricsPage(families, used), /^1 more that no dashboard/m);
    assert.deepEqual(rows.get('shop_consumer_lag_seconds'), {
      name: 'shop_consumer_lag_seconds',
      type: 'histogram',
      unit: 's',
      labels: ['shop_event_type'],
      tellers: ['orders', 'products'],
      meaning: 'Time to the effect.',
    });
  });

  test('is refused with a metric that fits no part, or that has no description', () => {
    assert.throws(() => metricsPage(grown({ __name__: 'new_thing' }), used), /new_thing fits no part/);
    const silent = grown({ __name__: 'shop_orders_lost_total', ...from });
    assert.throws(() => metricsPage(silent, used), /what shop_orders_lost_total is/);
  });
});

describe('a page and a mesh', () => {
  test('agree', () => assert.deepEqual(differences(rows, families), []));

  test('differ when a metric was renamed: the old name is gone, the new one is nowhere', () => {
    const renamed = series.map((one) =>
      one['__name__'] === 'shop_orders_placed_total' ? { ...one, __name__: 'shop_orders_taken_total' } : one,
    );
    const after = { ...metadata, shop_orders_taken: [{ type: 'counter', help: 'Orders' }] };
    assert.deepEqual(differences(rows, familiesOf(renamed, after)), [
      'shop_orders_placed_total is on the page, and no process reports it',
      'shop_orders_taken_total, reported by orders, is not on the page',
    ]);
  });

  test('differ when it has another type, teller or label', () => {
    const gauge = { ...metadata, shop_orders_placed: [{ type: 'gauge', help: 'Orders placed' }] };
    assert.deepEqual(differences(rows, familiesOf(series, gauge)), [
      'shop_orders_placed_total is a gauge, on the page a counter',
    ]);
    const alone = series.filter((one) => one['service_name'] !== 'products');
    assert.deepEqual(differences(rows, familiesOf(alone, metadata)), [
      'shop_consumer_lag_seconds is not reported by products, as the page says',
    ]);
    assert.deepEqual(
      differences(rows, grown({ __name__: 'shop_orders_placed_total', ...from, shop_who: 'a' })),
      ['shop_orders_placed_total has the label shop_who, which is not on the page'],
    );
  });

  test('agree whatever else a server reports, alerts about ours included', () => {
    assert.deepEqual(differences(rows, grown({ __name__: 'envoy_new', job: 'envoy' })), []);
    assert.deepEqual(differences(rows, grown({ __name__: 'ALERTS', ...from, alertname: 'OutboxStuck' })), []);
  });
});

describe('labels', () => {
  test('with few known values are bounded', () => assert.deepEqual(unbounded(families), []));

  test('with numbers that are known are bounded, and with others they are not', () => {
    const of = (label: string, value: string) =>
      unbounded(grown({ __name__: 'shop_orders_placed_total', ...from, [label]: value })).length;
    assert.deepEqual([of('error_code', '1503'), of('error_code', '15031')], [0, 1]);
    assert.deepEqual([of('status', '503'), of('status', '5031')], [0, 1]);
    assert.deepEqual([of('server_port', '4318'), of('server_port', '431800')], [0, 1]);
    const component = 'otel_component_name';
    assert.deepEqual([of(component, 'batching_span_processor/0'), of(component, 'a/1234')], [0, 1]);
  });

  const ids = {
    'an order id': '1234',
    'an id in a path': '/api/orders/17',
    'a UUID': '8429ae13-1c07-4fb9-ae78-d73f442c3635',
    'a trace id': '6a8b674b344c9e4440247f1d0f2b5e31',
    'a span id in a text': 'of span 6a8b674b344c9e44',
    'an address for mail': 'a@example.com',
  };
  for (const [what, value] of Object.entries(ids)) {
    test(`must not hold ${what}`, () => {
      const families: Family[] = grown({ __name__: 'shop_orders_placed_total', ...from, shop_what: value });
      assert.deepEqual(unbounded(families), [
        `the label shop_what of shop_orders_placed_total holds an id: ${value}`,
      ]);
    });
  }

  test('must not make too many series', () => {
    const many = Array.from({ length: 201 }, (_, index) => ({
      __name__: 'shop_orders_placed_total',
      ...from,
      shop_what: `value ${index} of many`,
    }));
    assert.deepEqual(unbounded(familiesOf(many, metadata)), [
      'shop_orders_placed_total has 201 series of orders/orders shop_orders_placed_total, over 200',
    ]);
  });
});

test('metrics are used by name or by a pattern of names', () => {
  const { has } = askedFor(['sum(rate(a_total{b="c"}[1m])) / d', 'min({__name__=~"e_.+_end",job="f"})']);
  assert.deepEqual(['a_total', 'd', 'e_x_end', 'e_x', 'b'].filter(has), ['a_total', 'd', 'e_x_end']);
});

test('what the dashboards and the rules ask for stands on the committed page', () => {
  const page = rowsOn(readFileSync(path.join(repositoryRoot, 'docs/reference/metrics.md'), 'utf8'));
  const listed = [...page.values()].flatMap(({ name, type }) =>
    type === 'histogram' || type === 'trend'
      ? ['_bucket', '_count', '_sum', '_p50', '_p95', '_p99'].map((part) => name + part)
      : [name],
  );
  assert.deepEqual(
    [...usedMetrics().names].filter((name) => !listed.includes(name)),
    [],
  );
});
