import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import { logFile, runnerEventsFile } from '@microshop/program-kit/run-directory';
import { loggedEvents, type RunnerEvent } from '@microshop/program-kit/runner-events';
import { runnerLog, sparing } from './events.ts';
import { maxLogBytes, previousLog } from './part-log.ts';
import { testPlace } from './testing/fake-mesh.ts';

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

const first: RunnerEvent = { type: 'stopped', part: 'users', seconds: 0.2 };
const second: RunnerEvent = { type: 'healthy', part: 'users', kind: 'app', seconds: 1.25 };

test('what is reported stands in the log for people and, as data, in the file of events', (t) => {
  const { directory } = testPlace(t);
  const begin = Date.now();
  const log = runnerLog(directory);
  log(first);
  log(second);
  const told = loggedEvents(readFileSync(runnerEventsFile(directory), 'utf8'));
  assert.deepEqual(
    told.map(({ event }) => event),
    [first, second],
  );
  assert.ok(told.every(({ at_ms }) => at_ms >= begin && at_ms <= Date.now()));
  const lines = readFileSync(logFile(directory, 'runner'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.replace(/^\S+Z /, '')),
    ['users                stopped in 0.2 s', 'users                healthy after 1.3 s'],
  );
});

test('the half line of a killed runner takes no event of the next one with it', (t) => {
  const { directory } = testPlace(t);
  const file = runnerEventsFile(directory);
  runnerLog(directory)(first);
  appendFileSync(file, '{"at_ms":1,"event":{"type":"sto');
  runnerLog(directory)(second);
  assert.deepEqual(
    loggedEvents(readFileSync(file, 'utf8')).map(({ event }) => event),
    [first, second],
  );
});

test('the file of events is cut when it is too long', (t) => {
  const { directory } = testPlace(t);
  const file = runnerEventsFile(directory);
  runnerLog(directory)(first);
  truncateSync(file, maxLogBytes + 1);
  runnerLog(directory)(second);
  assert.deepEqual(
    loggedEvents(readFileSync(file, 'utf8')).map(({ event }) => event),
    [second],
  );
  assert.ok(existsSync(previousLog(file)));
});
