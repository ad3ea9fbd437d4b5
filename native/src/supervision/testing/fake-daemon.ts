/** Main module of a supervisor process whose parts are fakes. */

import { runDirectory } from '@microshop/program-kit/run-directory';
import { runDaemon } from '../daemon.ts';
import { quickTimings } from './fake-mesh.ts';
import { type FakeDescription, fakePart } from './fake-part.ts';

const settings: { root: string; descriptions: FakeDescription[] } = JSON.parse(
  process.env['FAKE_MESH'] ?? '',
);

await runDaemon({
  directory: runDirectory(1, settings.root),
  makeParts: () => settings.descriptions.map((description) => fakePart(description, settings.root)),
  replicas: {},
  urls: { fake: 'http://127.0.0.1:1' },
  timings: quickTimings,
});
