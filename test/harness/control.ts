/** Changes asked of the control service, as the mesh command asks them: with the token. */
import { mesh } from './mesh.ts';

/** Asks for a change; gives up after `limitMs` milliseconds. The status may be a refusal. */
export async function askControl(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  limitMs = 20_000,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(new URL(path, mesh.control), {
    method,
    headers: {
      authorization: `Bearer ${await mesh.token()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(limitMs),
  });
  return { status: response.status, text: await response.text() };
}
