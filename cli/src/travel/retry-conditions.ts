/** What Istio's `retryOn` means here. */
import { retryConditions } from '@microshop/topology';

/** Istio's own, where a file does not say on what it retries. */
export const usualRetryOn = 'connect-failure,refused-stream,unavailable,cancelled';

/** Words that Istio takes and that have nothing like it here, with the reason. */
const unlike: ReadonlyMap<string, string> = new Map([
  ['unavailable', 'it is about gRPC'],
  ['cancelled', 'it is about gRPC'],
  ['deadline-exceeded', 'it is about gRPC'],
  ['internal', 'it is about gRPC'],
  ['resource-exhausted', 'it is about gRPC'],
  ['http3-post-connect-failure', 'it is about HTTP/3'],
]);

/** Codes that a wider condition stands for. */
const codes: readonly (readonly [condition: string, codes: readonly number[]])[] = [
  ['gateway-error', [502, 503, 504]],
  ['retriable-4xx', [409]],
];

/** What a text means here. */
export interface Conditions {
  /** In the order of the text. */
  readonly known: readonly string[];
  /** A sentence about each word that has no equal here, or a wider one. */
  readonly notes: readonly string[];
  /** Words that Istio itself refuses. */
  readonly mistakes: readonly string[];
}

/** Reads a list with commas between. */
export function conditionsIn(retryOn: string): Conditions {
  const words = new Set(
    retryOn
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );
  const known: string[] = [];
  const notes: string[] = [];
  const mistakes: string[] = [];
  for (const word of words) {
    const reason = unlike.get(word);
    if (known.includes(word)) continue;
    if (retryConditions.some((one) => one === word)) known.push(word);
    else if (reason !== undefined) notes.push(`${word} has no equivalent here: ${reason}`);
    else if (/^[1-5]\d\d$/.test(word)) wider(Number(word), words, known, notes);
    // means only that there are codes
    else if (word !== 'retriable-status-codes') mistakes.push(word);
  }
  return { known, notes, mistakes };
}

/** Whether another word of the text means that code, too. */
function isMeant(code: number, words: ReadonlySet<string>): boolean {
  if (code >= 500 && words.has('5xx')) return true;
  return codes.some(([condition, some]) => words.has(condition) && some.includes(code));
}

function wider(code: number, words: ReadonlySet<string>, known: string[], notes: string[]): void {
  if (isMeant(code, words)) return;
  const [condition, all] = codes.find(([, some]) => some.includes(code)) ?? [];
  if (condition === undefined || all === undefined) {
    notes.push(`${code} has no equivalent here: codes are retried as gateway-error, 5xx or retriable-4xx`);
    return;
  }
  if (known.includes(condition)) return;
  known.push(condition);
  const more = all.filter((one) => !words.has(String(one)));
  if (more.length > 0) notes.push(`${code} becomes ${condition}, which retries ${more.join(' and ')}, too`);
}
