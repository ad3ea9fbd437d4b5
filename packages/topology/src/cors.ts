/** Pages of other origins that may call the shop from a browser: those that the environment names. */

/** Variable that names their origins, separated by commas. */
export const corsVariable = 'MESH_CORS_ORIGINS';

/** Scheme, host and port; such a text needs no escape in Envoy's expressions, other than for dots and brackets. */
const form = /^https?:\/\/(\[[0-9a-f:]+\]|[a-z0-9._-]+)(:\d+)?$/;

/** The origins that the environment names; none by default. Throws, with the variable and what to write, for what no browser sends. */
export function corsOriginsOf(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const named = (env[corsVariable] ?? '').split(',').map((one) => one.trim());
  const origins = named.filter((one) => one !== '');
  const wrong = origins.find((one) => one !== originOf(one));
  if (wrong === undefined) return [...new Set(origins)];
  throw new Error(`${corsVariable} names "${wrong}": ${advice(originOf(wrong))}`);
}

/** The origin of that address as browsers write it; `undefined` where it has none. */
function originOf(text: string): string | undefined {
  const origin = URL.canParse(text) ? new URL(text).origin : '';
  return form.test(origin) ? origin : undefined;
}

function advice(meant: string | undefined): string {
  return meant === undefined
    ? 'write each origin by itself, as https://shop.example or http://localhost:5173; patterns are not taken'
    : `write ${meant}, as browsers do`;
}
