import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '@microshop/control/trace/span';
import { recordedOrder } from '@microshop/control/trace/testing/recorded';
import { judgeOrder, judgeTrace } from '@microshop/control/trace/verdict';
import { attributes } from '@microshop/topology';
import { tracePicture } from './picture.ts';

const picture = (spans: readonly Span[]) => tracePicture(judgeOrder(spans), 'from a test');

/** The rectangles of the time axis: of spans, and of waits. */
function bars(svg: string): { spans: number; waits: number } {
  const all = svg.match(/<rect [^>]*height="9"[^>]*>/g) ?? [];
  const waits = all.filter((bar) => bar.includes('stroke-dasharray')).length;
  return { spans: all.length - waits, waits };
}

test('every span and every wait has a bar, within the picture', () => {
  const spans = recordedOrder();
  const svg = picture(spans);
  assert.deepEqual(bars(svg), { spans: spans.length, waits: 4 });
  const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
  for (const [bar, x, length] of svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="9"/g)) {
    assert.ok(Number(x) + Number(length) < width, bar);
  }
});

test('the picture says which trace it is, what the verdict is, and where it comes from', () => {
  const spans = recordedOrder();
  const svg = picture(spans);
  for (const text of [
    `Trace ${spans[0]?.trace_id}`,
    'complete: one root, no orphan, no hop missing',
    'from a test',
  ]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
  assert.ok(picture(spans.filter((span) => span.name !== 'call users')).includes('>INCOMPLETE</text>'));
});

test('an error is red, and names are text', () => {
  const spans = recordedOrder().map((span) =>
    span.name === 'try 1 of users'
      ? { ...span, name: 'try <1>', error: true, attributes: { 'http.response.status_code': 503 } }
      : span,
  );
  assert.match(picture(spans), /fill="#d1242f">try &lt;1&gt; ✗ 503</);
  assert.doesNotMatch(picture(recordedOrder()), /#d1242f/);
});

test('a minute in the outbox is cut short, and told', () => {
  const late = recordedOrder();
  const published = late.find((span) => span.name === 'publish order.created');
  assert.ok(published !== undefined);
  const svg = picture(
    late.map((span) => {
      if (span.start_us < published.start_us) return span;
      const moved = { ...span, start_us: span.start_us + 60_000_000 };
      if (span !== published) return moved;
      return { ...moved, attributes: { ...span.attributes, [attributes.outboxWaitMs]: 60_000 } };
    }),
  );
  assert.match(svg, />┊ 1 min 0 s without any work are cut short</);
  assert.match(svg, /stroke-dasharray="2 3"/);
});

test('no spans, no picture', () => {
  assert.throws(() => tracePicture(judgeTrace([]), ''), /no spans/);
});
