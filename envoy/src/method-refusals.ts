/**
 * Methods that a path does not take: the gateway refuses them by itself, and says which it takes. Everybody gets that answer, where
 * clients are authenticated, too: there is nothing that anybody may do.
 */
import { methodsOfPaths, services } from '@microshop/topology';
import { askingForNoToken } from './edge-auth.ts';
import type { JsonObject } from './json.ts';
import { pathPattern } from './paths.ts';
import { refusedMethod, unlike } from './refusals.ts';

/** Routes in front of those to services. A path that the topology does not name is its service's to answer. */
export function methodRefusals(edgeAuth: boolean): readonly JsonObject[] {
  const filters: JsonObject = edgeAuth ? askingForNoToken() : {};
  const paths = methodsOfPaths(edgeAuth);
  return [
    ...paths.map(({ path, methods }) => {
      const pattern = pathPattern(path);
      const whole = new RegExp(`^${pattern}$`);
      // `/api/users/login` is no user
      const literal = paths.filter((one) => one.path !== path && whole.test(one.path));
      const headers = literal.map((one) => unlike(':path', `${pathPattern(one.path)}(\\?.*)?`));
      return refusedMethod({ safe_regex: { regex: pattern }, headers }, methods, filters);
    }),
    ...services.map(({ name }) =>
      refusedMethod({ safe_regex: { regex: `/docs/${name}(/.*)?` } }, ['GET', 'HEAD'], filters),
    ),
  ];
}
