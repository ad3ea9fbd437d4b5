import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunnerEvent } from '@microshop/program-kit/runner-events';
import { sparing } from './events.ts';

test('of a build that tells a thousand times how far it is, a log gets the steps and the quarters', () => {
  const passed: RunnerEvent[] = [];
  const report = sparing((event) => passed.push(event));
  const making = (step: string, share?: number) =>
    report({
      type: 'making',
      part: 'jaeger',
      step,
      share: share ?? null,
      text: `${step} ${share ?? ''}`.trim(),
    });
  making('downloading');
  for (let done = 0; done < 1000; done += 1) making('compiling', done / 1000);
  report({ type: 'note', text: 'something else' });
  making('compiling', 0.999);
  making('linking');
  assert.deepEqual(
    passed.map((event) => ('text' in event ? event.text : event.type)),
    [
      'downloading',
      ...['compiling 0', 'compiling 0.25', 'compiling 0.5', 'compiling 0.75'],
      ...['something else', 'linking'],
    ],
  );
});
