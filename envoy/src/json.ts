/** Plain JSON, the shape every piece of configuration has before it is written as YAML. */

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** An Envoy extension's configuration: its message type (without the `type.googleapis.com/` part) and its fields. */
export function typed(message: string, fields: JsonObject = {}): JsonObject {
  return { '@type': `type.googleapis.com/${message}`, ...fields };
}

/** Milliseconds as Envoy's duration (`0.9s`). */
export function duration(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}
