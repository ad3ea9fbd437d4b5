/** What cannot be meant by a fault, in a sentence. */
import { callersOf } from '@microshop/topology';
import type { FaultRequest } from './schemas.ts';

/** What is wrong with the request beyond its form; `undefined` when nothing is. */
export function faultMistake(request: FaultRequest): string | undefined {
  const { service, from, abort, delay_ms: delayMs, replace_answer: replaceAnswer } = request;
  if (abort === undefined && delayMs === undefined && replaceAnswer === undefined) {
    return 'A fault must do something: --abort <code>, --delay <duration> or --replace-answer 503';
  }
  if (abort !== undefined && replaceAnswer !== undefined) {
    return '--abort answers before the service does its work and --replace-answer after it: set one of them';
  }
  const callers = callersOf(service);
  if (from !== undefined && !callers.includes(from)) {
    return `${from} does not call ${service}; its callers are ${callers.join(', ')}`;
  }
  return undefined;
}
