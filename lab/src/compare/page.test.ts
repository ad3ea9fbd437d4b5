import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonPage } from './page.ts';
import { someComparison, someComparisonParts } from './testing.ts';

const page = comparisonPage(someComparison(), someComparisonParts);

test('a page has all that was found, and what was found is text', () => {
  for (const pattern of [
    /<title>compare some: VALID<\/title>/,
    /Is one attempt enough\?/,
    /<b>one &#60;attempt&#62;<\/b>: −27\.\d points \(−2\d\.\d to −2\d\.\d\) of success against today, p = 0\.016: <b>worse<\/b>/,
    /<b>the same<\/b>.*<b>equivalent<\/b>/,
    /8 of 8 blocks count/,
    /orders → products: tries 1/,
    /\.\/mesh fault set products --abort 503 --percent 30/,
    /\.\/mesh experiment compare some --blocks 8 --seed 7/,
    /commit 0123456789/,
  ]) {
    assert.match(page, pattern);
  }
  assert.equal([...page.matchAll(/<svg/g)].length, 2);
});

test('a page asks nothing of anybody: no script, and nothing from elsewhere', () => {
  assert.doesNotMatch(page, /<script|<link(?! rel="icon" href="data:,")|@import|url\((?!#)/);
  assert.doesNotMatch(page.replaceAll('http://www.w3.org/', ''), /https?:\/\//);
});

test('a comparison of which too few blocks count says so, and compares nothing', () => {
  const broken = [3, 4].map((block) => ({
    arm: 'today',
    block,
    values: {},
    invalid: ['k6 dropped 3 iterations'],
  }));
  const text = comparisonPage(someComparison(broken), someComparisonParts);
  assert.match(text, /<title>compare some: INVALID<\/title>/);
  assert.match(text, /6 of 8 blocks count/);
  assert.match(text, /block 3, today: k6 dropped 3 iterations/);
  assert.match(text, /Not compared: 6 valid blocks are too few: 7 at least/);
});
