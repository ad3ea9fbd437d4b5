/** Paths of the API in Envoy's expressions. */

/** Expression for a path with `{id}` in it, whole; services take a trailing slash, too. */
export function pathPattern(path: string): string {
  return `${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?`;
}
