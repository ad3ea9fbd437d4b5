/** How a mesh that is measured differs from the usual one. */
import { type Static, Type } from 'typebox';

/**
 * What runs: the whole mesh; without any Envoy, and without the control service, which needs them; or bare, with nothing of
 * OpenTelemetry either: services, databases, broker and cache.
 */
export const stacks = ['mesh', 'no sidecars', 'bare'] as const;

/** Settings of a measured mesh; it crosses from the command to the process that runs the mesh. */
export const setupSchema = Type.Object(
  {
    /** What runs; see {@link stacks}. */
    stack: Type.Enum([...stacks]),
    /** Replicas of each service; 1 where it is not named. */
    replicas: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
    /** Environment of the services besides the usual. */
    services: Type.Record(Type.String(), Type.String()),
    /** Threads of each Envoy that serve requests; as the mesh has them where it is absent. */
    envoyWorkers: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    /** Whether the Envoys make spans. */
    envoyTracing: Type.Boolean(),
    /**
     * Whether pods show each other certificates and encrypt. Without, they speak plain HTTP/2, and a callee believes the header that
     * names its caller: no mesh but a measured one can be started so.
     */
    mutualTls: Type.Boolean(),
    /** Whether its gateway authenticates clients; the load then shows a token of an admin. */
    edgeAuth: Type.Optional(Type.Boolean()),
    /**
     * Orders in its tables before each run; where it is absent, whatever is there. Such a mesh has data of its own, and what the mesh
     * of that number has kept is back afterwards.
     */
    orders: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);

/** Settings of a measured mesh. */
export type Setup = Static<typeof setupSchema>;

/** The mesh as `./mesh up` starts it. */
export const usual: Setup = {
  stack: 'mesh',
  replicas: {},
  services: {},
  envoyTracing: true,
  mutualTls: true,
};

/** Whether every order of a mesh with these settings leaves a whole trace. */
export function tracesWhole({ stack, services, envoyTracing }: Setup): boolean {
  return (
    stack === 'mesh' &&
    envoyTracing &&
    services['OTEL_TRACES_EXPORTER'] !== 'none' &&
    services['OTEL_SDK_DISABLED'] !== 'true'
  );
}
