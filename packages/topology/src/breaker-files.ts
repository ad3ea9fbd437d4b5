/**
 * Files through which the breakers of a running app are changed, in a directory that each app with breakers has of its
 * own. Both are renamed into place, hold the policy of each breaker by the name of the callee, and are JSON.
 */
export const breakerFiles = {
  /** The policies the app is to have; written for it, watched by it. */
  wanted: 'breakers.json',
  /** The policies it has; written by the app when it has taken them up, gone when it has ended in order. */
  inForce: 'breakers-in-force.json',
} as const;
