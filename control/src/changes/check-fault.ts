/** What cannot be meant by a fault, in a sentence. */
import {
  callersOf,
  effectFields,
  effectsIn,
  type FaultRequest,
  type NamedFaultField,
} from '@microshop/topology';

const choice = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function example(field: NamedFaultField): string {
  return `--${field.flag} ${field.kind === 'only' ? field.only : `<${field.takes}>`}`;
}

/** What is wrong with the request beyond its form; `undefined` when nothing is. */
export function faultMistake(request: FaultRequest): string | undefined {
  const { service, from, abort, replace_answer: replaceAnswer } = request;
  if (effectsIn(request).length === 0) {
    return `A fault must do something: ${choice.format(effectFields.map(example))}`;
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
