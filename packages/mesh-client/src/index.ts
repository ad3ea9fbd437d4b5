/** Calls to other services of the mesh, with their failures classified. */
export { type FollowOptions, followBreakerPolicies } from './breaker-policies.ts';
export {
  type CallLogger,
  type CallOptions,
  createMeshClient,
  type MeshClient,
  type MeshClientOptions,
  type Peer,
} from './client.ts';
export { type Deadline, deadlineFromHeaders, type RequestHeaders } from './deadline.ts';
export {
  type ErrorClass,
  type LoggedErrorClass,
  PeerError,
  type PeerErrorOptions,
} from './errors.ts';
export type { PeerResponse, ResponseHeaders } from './request.ts';
