/** What the broker's reply codes say: is the message itself at fault, or its surroundings? */

/** Numbers of the method that a channel error answers. */
const basicPublish = { classId: 60, methodId: 40 } as const;

/** Codes that, in answer to `basic.publish`, are about the message: 311 CONTENT_TOO_LARGE, 406 PRECONDITION_FAILED. */
const aboutTheMessage: ReadonlySet<unknown> = new Set([311, 406]);

/**
 * Codes that end a connection because of what was sent on it: 501 FRAME_ERROR (properties that fit into no frame), 502
 * SYNTAX_ERROR. They name no method.
 */
const aboutTheFrames: ReadonlySet<unknown> = new Set([501, 502]);

/**
 * Whether a message caused an error of its channel or of its connection. Everything else is not its fault: the
 * exchange is missing (404), the right to it (403), a resource is locked (405), the topology differs from what is
 * declared (406, in answer to another method), the operator closed the connection (320), the broker failed (541), …
 */
export function blamesMessage(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (aboutTheFrames.has(error.code)) return true;
  if (!aboutTheMessage.has(error.code)) return false;
  if (!('classId' in error) || !('methodId' in error)) return false;
  return error.classId === basicPublish.classId && error.methodId === basicPublish.methodId;
}

/** The limit that a message was above, bytes of its body, when the error is about that and names it. */
export function sizeLimit(error: Error): number | undefined {
  const found = /message size \d+ is larger than (?:configured )?max size (\d+)/.exec(error.message);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
