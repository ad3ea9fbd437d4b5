/** What can be done to the process of a part on purpose: the names that the command, the runner and the page share. */

/** States that a server can be put into while it runs. */
export const impairmentNames = ['read-only', 'hold-commits', 'hold-locks', 'memory-alarm'] as const;

/** What lasts for a time. */
export const timedFaultNames = ['pause', 'down', ...impairmentNames] as const;

/** What is over at once. */
export const instantFaultNames = ['kill', 'restart'] as const;

/** Longest time that something can be done to a part, milliseconds. */
export const longestFaultMs = 600_000;
