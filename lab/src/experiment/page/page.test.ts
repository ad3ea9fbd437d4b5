import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stretchesOf } from './charts.ts';
import { stepsOf } from './over-time.ts';
import { pageOf } from './page.ts';
import { someAnswers, someParts, someReport } from './testing.ts';

const page = pageOf(someReport, someParts);
const { timeline } = someReport;

test('a page has all that was found, and what was found is text', () => {
  for (const pattern of [
    /<title>some: FAIL<\/title>/,
    /a &#60;b&#62;reason&#60;\/b&#62; &#38; another/,
    /Envoy counted 30 aborts/,
    /every acknowledged order exists/,
    /\.\/mesh experiment run some --steady 10s --fault 10s --heal 15s/,
    /commit 0123456789/,
    /envoy 1\.40\.0/,
    /2 orders|order \d+, accepted/,
    /lacks .*users/,
    /Its trace could not be read/,
  ]) {
    assert.match(page, pattern);
  }
});

test('a page asks nothing of anybody: no script, and nothing from elsewhere', () => {
  assert.doesNotMatch(page, /<script|<link(?! rel="icon" href="data:,")|@import|url\((?!#)/);
  assert.doesNotMatch(page.replaceAll('http://www.w3.org/', ''), /https?:\/\//);
});

test('requests stand in the second in which they were sent, by what they came to', () => {
  const steps = stepsOf(someAnswers, timeline);
  assert.equal(steps.length, 36);
  const counts = (at: number) => steps.find((step) => step.at === at)?.counts;
  assert.deepEqual(counts(-10), { accepted: 10 });
  assert.deepEqual(counts(2), { accepted: 8, dependency_timeout: 2 });
  const faulty = steps.find((step) => step.at === 2);
  assert.equal(faulty?.p99, 2800);
  assert.ok((faulty?.p50 ?? 2800) < 30);
});

test('a breaker is drawn within the run, up to its next change', () => {
  assert.deepEqual(
    stretchesOf(someReport.breakers, timeline).map(({ state, from, to }) => [state, from, to]),
    [
      ['closed', -10.5, 2.5],
      ['open', 2.5, 9.5],
      ['half_open', 9.5, 11.5],
      ['closed', 11.5, 25.5],
    ],
  );
});

test('a run that ended before its fault still has a page', () => {
  const at = { from: 5000, to: 5000 };
  const early = { ...someReport, breakers: [], timeline: { steady: at, fault: at, heal: at } };
  assert.match(pageOf(early, { answers: [], slowest: [], incomplete: [] }), /No breaker was reported/);
});
