/** What the description of the API says where clients are authenticated: which operations take a token, and whose. */
import { type Access, accessTo } from '@microshop/topology';
import type { ApiDocument } from './api-description.ts';

const scheme = 'token';

const words: Readonly<Record<Access, string>> = {
  everybody: 'Everybody may do this.',
  own: 'A user may do this with what is its own; an admin with all.',
  admin: 'Admins only.',
};

/** Adds to each operation, in place, who may use it and what else is answered: 401, and 403 where it is not for everybody. */
export function describeAccess(document: ApiDocument): void {
  document.components = {
    ...document.components,
    securitySchemes: {
      [scheme]: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'POST /api/users/login' },
    },
  };
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const method of ['get', 'post', 'patch'] as const) {
      const operation = methods?.[method];
      if (operation === undefined) continue;
      const access = accessTo(method.toUpperCase(), path);
      const statuses = access === 'everybody' ? ['401'] : ['401', '403'];
      operation.description = words[access];
      operation.security = access === 'everybody' ? [{}] : [{ [scheme]: [] }];
      operation.responses = {
        ...operation.responses,
        ...Object.fromEntries(
          statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]),
        ),
      };
    }
  }
}
