/**
 * How large the head of a request may be, at each place it passes: what the gateway lets in and what it adds fits
 * everywhere behind it, so that no part behind it has to refuse.
 */

/** What the gateway lets in, the host among the headers; above it answers 431 with a problem. */
export const requestHeadLimits = {
  /** Header lines. */
  headers: 100,
  /** Names and values, method, path and host, bytes. */
  bytes: 16 * 1024,
} as const;

/**
 * What the gateway's parser takes in order to say 431 properly. Above, HTTP/1.1 gets a 431 without a trace, and HTTP/2 a
 * stream that is reset.
 */
export const gatewayParserLimits = { headers: 1000, kilobytes: 96 } as const;

/** What sidecars take: twice what the gateway lets in, for what the Envoys add. */
export const sidecarParserLimits = { headers: 200, kilobytes: 32 } as const;

/** What an app takes (Node's `maxHeaderSize`; its default is 16 KiB), bytes. Node does not refuse by number below 2,000. */
export const appHeaderBytes = 64 * 1024;

/** Methods the gateway lets in. A name in metrics is made of the method, so clients cannot make up their own. */
export const servedMethods = ['GET', 'HEAD', 'POST', 'PATCH'] as const;

/** Connections of clients the gateway holds at once; one more is closed at once. */
export const gatewayMaxConnections = 2000;

/** Heap the gateway may fill before it refuses work, bytes; its container has 128 MiB. */
export const gatewayHeapBytes = 100 * 1024 * 1024;
