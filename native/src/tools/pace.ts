/** How long work will still take, from how fast it went of late. */

/** Time that is looked back on, milliseconds: what a busy machine did a while ago tells nothing. */
const windowMs = 60_000;

/** Time after which a pace is believed, milliseconds. */
const leastMs = 5000;

/** Takes how much is done and tells how much time is left. */
export interface Pace {
  /** `share`: done so far, 0 to 1, at `now` (milliseconds). Seconds left; `undefined` while it cannot be told. */
  left(share: number, now?: number): number | undefined;
}

/** A pace of which nothing is known yet. */
export function createPace(): Pace {
  const samples: { readonly share: number; readonly at: number }[] = [];
  return {
    left(share, now = performance.now()) {
      samples.push({ share, at: now });
      // one that is older than the window is kept: the pace is taken over all of it
      while ((samples[1]?.at ?? now) < now - windowMs) samples.shift();
      const [first] = samples;
      if (first === undefined || now - first.at < leastMs || share <= first.share) return undefined;
      return (((1 - share) / (share - first.share)) * (now - first.at)) / 1000;
    },
  };
}
