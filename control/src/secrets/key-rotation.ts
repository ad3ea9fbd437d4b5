/** Rotation of signing keys: a function of the keys that there are and the time. */
import { makeSigningKey, type SigningKey, signingKeyAt } from '@microshop/service-kit/tokens';

/** Times of a key, milliseconds. */
export interface KeyTimes {
  /** How long a key signs. */
  readonly signsMs: number;
  /** How long it is published before it signs. */
  readonly publishedBeforeMs: number;
  /** How long it is published after it has signed last. */
  readonly publishedAfterMs: number;
}

/** Keys as they are to be now, and when to look again, milliseconds since the epoch. */
export interface Rotation {
  readonly keys: readonly SigningKey[];
  readonly lookAt: number;
}

/**
 * The keys as they are to be at that time. One signs; the next one is published before it signs; those that have signed are published, without
 * their private halves, until their last token has ended. With `rotateNow` the next one is made at once, whatever is left of the
 * life of the one that signs.
 */
export async function rotated(
  before: readonly SigningKey[],
  now: number,
  times: KeyTimes,
  rotateNow = false,
): Promise<Rotation> {
  const keys = inTime(before, now, times).filter(({ gone_at: gone }) => gone === null || gone > now);
  const signing = signingKeyAt(keys, now);
  // nobody has read any key yet: this one can sign at once
  if (signing === undefined) return rotated([...keys, await makeSigningKey(now)], now, times);
  const isNext = keys.some(({ private_part: own, signs_from: from }) => own !== null && from > now);
  const dueAt = signing.signs_from + times.signsMs - times.publishedBeforeMs;
  if (!isNext && (rotateNow || dueAt <= now)) {
    return rotated([...keys, await makeSigningKey(now + times.publishedBeforeMs)], now, times);
  }
  const kept = keys.map((key) => retired(key, signing, now, times));
  const changes = kept.flatMap(({ signs_from: from, gone_at: gone }) => [from, gone ?? 0]);
  return {
    keys: kept,
    lookAt: Math.min(...[...changes, isNext ? Number.POSITIVE_INFINITY : dueAt].filter((at) => at > now)),
  };
}

/**
 * The keys with times that can be meant now. The clock may have been set back since they were made: then none would sign for as long,
 * or one that has signed would be published for as long.
 */
function inTime(keys: readonly SigningKey[], now: number, times: KeyTimes): readonly SigningKey[] {
  const signing = signingKeyAt(keys, now);
  return keys.map((key) => {
    const { private_part: own, signs_from: from, gone_at: gone } = key;
    const latest = key === signing ? now : now + times.publishedBeforeMs;
    return {
      ...key,
      signs_from: own === null ? from : Math.min(from, latest),
      gone_at: gone === null ? null : Math.min(gone, now + times.publishedAfterMs),
    };
  });
}

/** The key without its private half, when another signs in its place. */
function retired(
  key: SigningKey,
  signing: SigningKey,
  now: number,
  { publishedAfterMs }: KeyTimes,
): SigningKey {
  return key.signs_from < signing.signs_from && key.gone_at === null
    ? { ...key, private_part: null, gone_at: now + publishedAfterMs }
    : key;
}
