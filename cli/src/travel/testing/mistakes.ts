/** Resources of which each has one mistake, for whatever checks resources against the definitions of Istio and of Gateway API. */
import type { JsonObject } from '@microshop/envoy';

/** A wrong resource. */
export interface Mistake {
  readonly document: JsonObject;
  /** What is said about it, by the checker here or by an API server. */
  readonly says: RegExp;
}

const resource = (apiVersion: string, kind: string, name: string, spec: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});

const route = (name: string, http: JsonObject): JsonObject =>
  resource('networking.istio.io/v1', 'VirtualService', name, { hosts: ['cart'], http: [http] });

const rule = (name: string, trafficPolicy: JsonObject): JsonObject =>
  resource('networking.istio.io/v1', 'DestinationRule', name, { host: 'cart', trafficPolicy });

const httpRoute = (name: string, of: JsonObject): JsonObject =>
  resource('gateway.networking.k8s.io/v1', 'HTTPRoute', name, { rules: [of] });

/** A field, a type, values, and rules in CEL. */
export const mistakes: readonly Mistake[] = [
  {
    document: route('field', { retries: { tries: 3 } }),
    says: /must NOT have additional properties .*tries|unknown field "spec\.http\[0\]\.retries\.tries"/,
  },
  {
    document: route('type', { retries: { attempts: '2' } }),
    says: /attempts .*must be (?:of type )?integer/,
  },
  { document: route('duration', { timeout: '0s' }), says: /must be a valid duration greater than 1ms/ },
  {
    document: rule('percent', { retryBudget: { percent: 101 } }),
    says: /percent .*(?:must be <=|should be less than or equal to) 100/,
  },
  {
    document: httpRoute('code', { retry: { codes: [200] } }),
    says: /codes.* (?:must be >=|should be greater than or equal to) 400/,
  },
  {
    document: httpRoute('limits', { timeouts: { request: '1s', backendRequest: '2s' } }),
    says: /backendRequest timeout cannot be longer than request timeout/,
  },
];
