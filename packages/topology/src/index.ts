/** The one description of the mesh: services and edges, events, policies, ports, and where each part is placed. */
export { attributes, publishAttributesKeyName } from './attributes.ts';
export {
  deadLetterQueue,
  deliveryLimit,
  type EventRoute,
  eventExchange,
  eventHeaders,
  eventRoute,
  eventRoutes,
  queuesOf,
} from './events.ts';
export {
  type Address,
  composePlacement,
  nativePlacement,
  type Placement,
  type Pod,
  podsOf,
} from './placement.ts';
export {
  type BreakerPolicy,
  callerHeader,
  checkPolicies,
  deadlineHeaders,
  type EdgePolicy,
  edgePolicy,
  gatewayPolicy,
  maxBodyBytes,
  requestDeadlineMs,
  traceIdHeader,
} from './policies.ts';
export { instanceNumber, type PortName, podPorts, portNames, portOf, portVariable } from './ports.ts';
export { type ProblemCode, problemMediaType, problemTitles, problemType } from './problems.ts';
export {
  auditRole,
  type Edge,
  type EventType,
  edges,
  type Service,
  type ServiceName,
  serviceNamed,
  services,
} from './services.ts';
