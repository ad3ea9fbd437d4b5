import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { services } from '@microshop/topology';
import { parse } from 'yaml';
import { namesOf, problemsOf, reservedNames } from './names.ts';
import { withEntry } from './write.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('a name that is free, with callees that exist', () => {
  assert.deepEqual(problemsOf({ name: 'wish-lists', calls: ['users', 'orders'] }), []);
  assert.deepEqual(problemsOf({ name: 'a'.repeat(55), calls: [] }), []);
});

test('every refusal names the field and the fix', () => {
  for (const name of [
    'Wishes',
    '1st',
    'wish_lists',
    '-wishes',
    'wishes-',
    'wünsche',
    '',
    'a/b',
    'a'.repeat(56),
  ]) {
    assert.match(
      problemsOf({ name, calls: [] }).join(),
      /^name ".*" is not a DNS label: use a to z, .*, as in "reviews"$/,
    );
  }
  const refusals = [
    ['users', [], /^name "users" is taken: it is a service already; choose another$/],
    ['gateway', [], /^name "gateway" is taken by a part of the mesh; choose another$/],
    ['wishes-2', [], /^name "wishes-2" ends like a part of a pod; choose one without -2$/],
    ['wishes-sidecar', [], /choose one without -sidecar$/],
    [
      'wishes',
      ['users', 'shipping'],
      /^--calls names "shipping", which is not a service; choose from users, /,
    ],
    ['wishes', ['wishes'], /^--calls names wishes itself; leave it out$/],
  ] as const;
  for (const [name, calls, expected] of refusals) assert.match(problemsOf({ name, calls }).join(), expected);
  assert.equal(problemsOf({ name: 'Wishes', calls: ['shipping'] }).length, 2, 'all at once');
});

test('whatever runs in containers beside the services has a name that no service can have', () => {
  const file: { readonly services: object } = parse(
    readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'),
    { maxAliasCount: -1 },
  );
  const ours: readonly string[] = services.map(({ name }) => name);
  const open = Object.keys(file.services).filter(
    (name) => !ours.includes(name) && problemsOf({ name, calls: [] }).length === 0,
  );
  assert.deepEqual(open, []);
  assert.deepEqual([...new Set(reservedNames)], reservedNames);
});

test('every service of the topology has a name that it could be given today, were it not taken', () => {
  for (const { name } of services)
    assert.match(problemsOf({ name, calls: [] }).join(), /is a service already/);
});

test('the forms of a name', () => {
  assert.deepEqual(namesOf('price-alerts'), {
    name: 'price-alerts',
    title: 'Price alerts',
    table: 'price_alerts',
    Things: 'PriceAlerts',
    Thing: 'PriceAlert',
    thing: 'priceAlert',
    aThing: 'A price alert',
    thingFile: 'price-alert',
    field: 'price_alert',
  });
  const singulars = ['reviews', 'categories', 'shipping', 'address', 'bus'].map(
    (name) => namesOf(name).thing,
  );
  assert.deepEqual(singulars, ['review', 'category', 'shipping', 'address', 'bus']);
});

test('an entry goes to the end of the list, and another form of the file is refused', () => {
  const before = "a\nconst entries = [\n  { name: 'users', calls: [], cache: false },\n] as const;\nz\n";
  assert.equal(
    withEntry(before, { name: 'wishes', calls: ['users'] }),
    "a\nconst entries = [\n  { name: 'users', calls: [], cache: false },\n  { name: 'wishes', calls: ['users'], cache: false },\n] as const;\nz\n",
  );
  assert.throws(() => withEntry('const list = []', { name: 'wishes', calls: [] }), /has no list/);
  const own = readFileSync(path.join(root, 'packages/topology/src/services.ts'), 'utf8');
  assert.match(withEntry(own, { name: 'wishes', calls: [] }), /^ {2}\{ name: 'wishes', calls: \[\]/m);
});
