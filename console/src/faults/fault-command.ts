/** A fault as it is asked for on the page, as the API takes it, and as it is typed. */
import {
  callersOf,
  type FaultRequest,
  faultFieldList,
  type Identity,
  type ServiceName,
  services,
} from '@microshop/topology';

/** What the form holds; texts as they were typed. */
export interface Wish {
  readonly service: ServiceName;
  readonly from: Identity | 'any';
  readonly effect: 'abort' | 'delay_ms' | 'replace_answer' | 'slow_answer';
  /** Status, or milliseconds; the others have none. */
  readonly value: number;
  readonly percent: number;
  /** Seconds; 0: until it is cleared. */
  readonly seconds: number;
}

/** What a form begins with: a service that fails for a third of the calls, for two minutes. */
export function firstWish(service: ServiceName = 'products', from: Wish['from'] = 'any'): Wish {
  return { service, from, effect: 'abort', value: 503, percent: 30, seconds: 120 };
}

/** What a value is when another effect is chosen. */
export const usualValue: Readonly<Record<Wish['effect'], number>> = {
  abort: 503,
  delay_ms: 400,
  replace_answer: 503,
  slow_answer: 1,
};

/** The effects to choose from, each in the words of the form. */
export const effectChoices: readonly (readonly [Wish['effect'], string])[] = [
  ['abort', 'answer a status'],
  ['delay_ms', 'delay'],
  ['replace_answer', 'do it, answer 503'],
  ['slow_answer', 'answer at 1 KiB/s'],
];

/** The body of `POST /api/faults`. */
export function requestOf({ service, from, effect, value, percent, seconds }: Wish): FaultRequest {
  return {
    service,
    percent,
    ...(from === 'any' ? {} : { from }),
    ...(effect === 'abort' ? { abort: value } : {}),
    ...(effect === 'delay_ms' ? { delay_ms: value } : {}),
    ...(effect === 'replace_answer' ? { replace_answer: 503 } : {}),
    ...(effect === 'slow_answer' ? { slow_answer: 1 } : {}),
    ...(seconds === 0 ? {} : { for_ms: seconds * 1000 }),
  };
}

/** `120s`, `400ms`. */
const durationWord = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);

/** The same as it is typed, behind `./mesh`. */
export function commandOf(wish: Wish): string {
  const request = new Map<string, unknown>(Object.entries(requestOf(wish)));
  const options = faultFieldList.flatMap(({ name, flag, kind }) => {
    const value = request.get(name);
    if (value === undefined) return [];
    return [`--${flag} ${kind === 'duration' ? durationWord(Number(value)) : String(value)}`];
  });
  return ['fault set', wish.service, ...options].join(' ');
}

/** Services that can fail, and who can be hit. */
export const faultable = services.map(({ name }) => ({ name, callers: callersOf(name) }));
