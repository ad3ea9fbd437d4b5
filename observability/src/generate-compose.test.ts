import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { composeFiles } from './generate-compose.ts';

describe('the committed files of compose', () => {
  for (const [path, text] of composeFiles()) {
    it(`${basename(path)} is what the topology says (else run: node observability/src/generate-compose.ts)`, () => {
      assert.equal(readFileSync(path, 'utf8'), text);
    });
  }
});
