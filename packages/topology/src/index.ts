/** The one description of the mesh: services and edges, events, policies, ports, and where each part is placed. */
export { attributes, publishAttributesKeyName } from './attributes.ts';
export { breakerFiles } from './breaker-files.ts';
export { corsOriginsOf, corsVariable } from './cors.ts';
export { demoPassword, demoProducts, demoUsers } from './demo-data.ts';
export { drainHeader, drainMs, replicaCheck, unseenHeader } from './draining.ts';
export {
  edgeAuthOf,
  edgeAuthVariable,
  publicKeys,
  type Role,
  roles,
  signingKeyTimes,
  subjectHeaders,
  tokens,
} from './edge-auth.ts';
export { type EventBody, type EventType, eventBodies } from './event-bodies.ts';
export {
  consumerStalledSeconds,
  deadLetterQueue,
  deliveryLimit,
  eventHeaders,
  outboxQueue,
} from './event-names.ts';
export {
  brokerServices,
  type EventRoute,
  eventExchange,
  eventRoute,
  eventRoutes,
  outboxServices,
} from './events.ts';
export {
  effectFields,
  effectsIn,
  type FaultEffect,
  type FaultRequest,
  faultFieldList,
  faultFields,
  type KeptFault,
  type NamedFaultField,
} from './fault-fields.ts';
export {
  appHeaderBytes,
  gatewayHeapBytes,
  gatewayMaxConnections,
  gatewayParserLimits,
  requestHeadLimits,
  servedMethods,
  sidecarParserLimits,
} from './http-limits.ts';
export {
  callersOf,
  type Identity,
  identities,
  podTokenAudience,
  spiffeId,
  trustDomain,
} from './identities.ts';
export { maxId, orderLimits } from './limits.ts';
export { clientRateLimits, databaseConnections, gatewayRateLimit, servicePressure } from './load-shedding.ts';
export { certificatesDirectory, clientTrust, dynamicDirectory } from './mesh-files.ts';
export {
  type BreakerPolicies,
  breakerServices,
  breakersOf,
  type CallEdge,
  callEdges,
  edgeBetween,
  edgeNamed,
  edgePolicyTo,
  type MeshPolicies,
  PolicyError,
  policiesWith,
  policyOf,
  topologyPolicies,
} from './mesh-policies.ts';
export { type Objective, placeOrderObjective } from './objectives.ts';
export { type Access, accessTo, methodsOfPaths, type Operation, operations } from './operations.ts';
export { labOrigin, type Origin, originHeader, origins } from './origins.ts';
export {
  type Address,
  composePlacement,
  kubernetesPlacement,
  nativePlacement,
  type Placement,
  type Pod,
  podsOf,
  type RunMode,
} from './placement.ts';
export {
  type BreakerPolicy,
  type CallPolicy,
  callerHeader,
  deadlineHeaders,
  type EdgePolicy,
  edgePolicy,
  gatewayPolicy,
  maxBodyBytes,
  requestDeadlineMs,
  retryConditions,
  traceIdHeader,
  unlimitedPerSecond,
  unseenConditions,
} from './policies.ts';
export {
  type NamedPolicyField,
  type PolicyChange,
  type PolicyValues,
  policyFieldList,
  policyValues,
  possibleFields,
} from './policy-fields.ts';
export { instanceNumber, type PortName, podPorts, portNames, portOf, portVariable } from './ports.ts';
export {
  type ProblemCode,
  type ProblemScope,
  type ProblemStatus,
  type ProblemStatusNumber,
  problemMediaType,
  problemStatuses,
  problemTitles,
  problemType,
} from './problems.ts';
export { parseReplicas, type Replicas, replicasOf } from './replicas.ts';
export {
  auditRole,
  type Edge,
  edges,
  type Service,
  type ServiceName,
  serviceNamed,
  services,
} from './services.ts';
export { tellable, tellablePatterns, withheld } from './tellable.ts';
export { isTraceId, noTraceId, traceIdIn, traceIdPattern } from './trace-ids.ts';
export { gatewayUrl, meshUrls, publishedUrls } from './urls.ts';
