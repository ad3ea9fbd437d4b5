import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectFields } from '@microshop/topology';
import { faultMistake } from './schemas.ts';

test('what cannot be meant by a fault is said with the options as they are typed', () => {
  assert.equal(faultMistake({ service: 'products', abort: 503, delay_ms: 100 }), undefined);
  const nothing = faultMistake({ service: 'products', percent: 30 }) ?? '';
  for (const { flag } of effectFields) assert.ok(nothing.includes(`--${flag} `), nothing);
  assert.equal(
    faultMistake({ service: 'products', abort: 503, replace_answer: 503 }),
    '--abort answers before the service does its work and --replace-answer after it: set one of them',
  );
  assert.equal(
    faultMistake({ service: 'products', replace_answer: 503, slow_answer: 1 }),
    '--replace-answer and --slow-answer both change the answer of the service: set one of them',
  );
  assert.match(
    faultMistake({ service: 'products', abort: 503, from: 'users' }) ?? '',
    /^users does not call products; its callers are /,
  );
});
