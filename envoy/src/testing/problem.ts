/** What every problem of the mesh must look like. */
import assert from 'node:assert/strict';
import { problemMediaType, traceIdHeader } from '@microshop/topology';
import type { Answer } from './call.ts';

/** Asserts that the answer is a whole problem of that status and code, its trace named in the header, too. */
export function assertProblem(answer: Answer, status: number, code: string, instance: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], problemMediaType);
  const problem = answer.json();
  assert.equal(problem['type'], `urn:microshop:problem:${code}`);
  assert.equal(typeof problem['title'], 'string');
  assert.equal(problem['status'], status);
  assert.equal(typeof problem['detail'], 'string');
  assert.equal(problem['instance'], instance);
  assert.equal(problem['code'], code);
  assert.match(String(problem['trace_id']), /^[0-9a-f]{32}$/);
  assert.equal(answer.headers[traceIdHeader], problem['trace_id']);
}
