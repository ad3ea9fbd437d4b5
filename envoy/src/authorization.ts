/** Who may call a service: exactly the callers the topology names. Everybody else is answered 403 `forbidden`. */
import { callerHeader, callersOf, type ServiceName, spiffeId } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

/**
 * HTTP filter of an inbound listener. A caller is let in when its certificate names one of the callers, and the header
 * that tells the caller says the same: nobody borrows another's name in logs, spans and faults.
 */
export function authorizeCallers(callee: ServiceName): JsonObject {
  const policies = callersOf(callee).map((caller) => [
    caller,
    {
      permissions: [{ any: true }],
      principals: [
        {
          and_ids: {
            ids: [
              { authenticated: { principal_name: { exact: spiffeId(caller) } } },
              { header: { name: callerHeader, string_match: { exact: caller } } },
            ],
          },
        },
      ],
    },
  ]);
  return {
    name: 'envoy.filters.http.rbac',
    typed_config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {
      rules: { action: 'ALLOW', policies: Object.fromEntries(policies) },
    }),
  };
}
