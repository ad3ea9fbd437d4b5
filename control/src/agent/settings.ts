/** What an agent reads from its environment. */
import { InvalidInputError } from '@microshop/program-kit/errors';
import { loadConfig } from '@microshop/service-kit';
import { breakerServices, type Identity, identities, podPorts } from '@microshop/topology';
import { Type } from 'typebox';

/** Of which pod it is, where the others are, and where it writes. */
export interface AgentSettings {
  readonly identity: Identity;
  /** Name of the pod. */
  readonly pod: string;
  /** Where others reach the pod. */
  readonly address: string;
  /** The control service, `http://host:port`. */
  readonly control: string;
  /** The admin of its own Envoy, `http://host:port`. */
  readonly envoy: string;
  /** What its Envoy reads, and what it keeps for its own restart. */
  readonly directory: string;
  /** File of the token that its pod has for the control service. */
  readonly token: string;
  /** What its app watches; undefined where that has no breakers. */
  readonly breakers: string | undefined;
  /** Where its certificate is put by who issues it; undefined where the control service does. */
  readonly issued: string | undefined;
}

const url = (description: string, usual: string) =>
  Type.String({ pattern: '^http://[^/]+$', default: usual, description });

const variables = {
  MESH_IDENTITY: Type.Enum([...identities]),
  POD_NAME: Type.String({ minLength: 1 }),
  POD_IP: Type.String({ minLength: 1 }),
  MESH_URL_CONTROL: url('The control service', 'http://control:8090'),
  MESH_URL_ENVOY: url("Its own Envoy's admin", `http://127.0.0.1:${podPorts.admin}`),
  MESH_AGENT_DIR: Type.String({ minLength: 1 }),
  MESH_AGENT_TOKEN_FILE: Type.String({ minLength: 1, default: '/run/mesh-token/token' }),
  MESH_BREAKERS_DIR: Type.Optional(Type.String({ minLength: 1 })),
  MESH_ISSUED_DIR: Type.Optional(Type.String({ minLength: 1 })),
};

/** Reads them. Throws `ConfigError`, or `InvalidInputError`, that names the variable. */
export function agentSettings(env: NodeJS.ProcessEnv): AgentSettings {
  const config = loadConfig(variables, env);
  const identity = config.MESH_IDENTITY;
  const hasBreakers = breakerServices.some((service) => service === identity);
  if (hasBreakers && config.MESH_BREAKERS_DIR === undefined) {
    throw new InvalidInputError(
      `MESH_BREAKERS_DIR must name the directory that the app of ${identity} watches`,
    );
  }
  return {
    identity,
    pod: config.POD_NAME,
    address: config.POD_IP,
    control: config.MESH_URL_CONTROL,
    envoy: config.MESH_URL_ENVOY,
    directory: config.MESH_AGENT_DIR,
    token: config.MESH_AGENT_TOKEN_FILE,
    breakers: hasBreakers ? config.MESH_BREAKERS_DIR : undefined,
    issued: config.MESH_ISSUED_DIR,
  };
}
