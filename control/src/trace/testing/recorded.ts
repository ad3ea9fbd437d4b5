/** A trace as a real order left it (recorded from Jaeger, attributes the verdict does not read left out). */
import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Span, spanSchema } from '../span.ts';

/** The spans of one confirmed order. */
export function recordedOrder(): Span[] {
  const text = readFileSync(new URL('./order.json', import.meta.url), 'utf8');
  return Value.Parse(Type.Array(spanSchema), JSON.parse(text));
}
