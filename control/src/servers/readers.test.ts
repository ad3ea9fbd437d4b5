import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInfo } from './readers.ts';

test('numbers of INFO are read, everything else is left', () => {
  const info = parseInfo(
    '# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nmem_fragmentation_ratio:1.25\r\nrole:master\r\n',
  );
  assert.deepEqual(
    [...info],
    [
      ['used_memory', 1_048_576],
      ['mem_fragmentation_ratio', 1.25],
    ],
  );
});
