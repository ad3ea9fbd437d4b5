/**
 * The marked blocks of each page, typed one after the other as a newcomer would; what they print is held against what the
 * page shows. A page leaves the mesh as it found it. How a block is marked: `test/docs/README.md`. Importing this adds a test for
 * each page; `tour.test.ts` does, while its mesh is up. On a mesh that runs it works by itself, too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from '../harness/mesh.ts';
import { blocksOf, pages } from '../harness/pages/pages.ts';
import { runBlock } from '../harness/pages/session.ts';

interface FaultList {
  readonly faults: readonly { readonly service: string }[];
}

interface PolicyList {
  readonly policies: readonly {
    readonly caller: string;
    readonly callee: string;
    readonly changed: object;
  }[];
}

/** Asks the control service; reading needs no token. */
async function read(path: string): Promise<string> {
  const response = await fetch(new URL(path, mesh.control));
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

/** What is set, or stopped, on the mesh, each in a word. */
async function leftBehind(): Promise<string[]> {
  const { faults }: FaultList = JSON.parse(await read('/api/faults'));
  const { policies }: PolicyList = JSON.parse(await read('/api/policies'));
  return [
    ...faults.map(({ service }) => `a fault of ${service}`),
    ...policies
      .filter(({ changed }) => Object.keys(changed).length > 0)
      .map(({ caller, callee }) => `a policy of ${caller} → ${callee}`),
    ...(await mesh.unwell()).map((part) => `${part}, which is not healthy`),
  ];
}

/** Takes back whatever a page that failed has set or stopped, so that the next one begins well. */
async function tidy(): Promise<void> {
  for (const args of [
    ['fault', 'clear'],
    ['policy', 'reset'],
  ])
    await mesh.cli(args);
  for (const part of await mesh.unwell()) await mesh.start(part);
}

for (const page of pages) {
  const blocks = blocksOf(page).filter(({ mark }) => mark?.kind === 'run');
  if (blocks.length === 0) continue;
  const onMesh = blocks.some(({ mark }) => mark?.kind === 'run' && mark.onMesh);

  test(`${page}: ${blocks.length} blocks`, async (t) => {
    let printed = '';
    try {
      for (const block of blocks) {
        const began = performance.now();
        printed = await runBlock(block, printed);
        t.diagnostic(`line ${block.at}: ${Math.round(performance.now() - began)} ms`);
      }
      // a part that was killed may be on its way up
      if (onMesh) {
        await eventuallyDespiteErrors(`${page} leaves nothing set or stopped`, async () => {
          assert.deepEqual(await leftBehind(), []);
          return true;
        });
      }
    } catch (error) {
      if (onMesh) await tidy();
      throw error;
    }
  });
}
