/** Where things are in our containers: what mounts them and what makes them say the same. */

/** Directory of a consumer's own passwords, in its container. */
export const ownSecrets = '/run/mesh-secrets';

/** Directory of the policies of an app's own breakers, in its container. */
export const ownBreakers = '/run/mesh-breakers';

/** Directories of the control service. */
export const controlDirectories = {
  /** A directory for each consumer of passwords. */
  secrets: '/secrets',
  /** A directory for each identity, and one for the authority. */
  certificates: '/certificates',
  /** What the Envoys watch. */
  envoy: '/mesh/envoy',
  /** A directory for each app that has breakers. */
  apps: '/mesh/apps',
  /** What it keeps for itself. */
  state: '/mesh/state',
} as const;

/** Where others than the control service find what verifies the certificate that clients are shown. */
export const clientTrustMount = '/run/mesh-edge';

/** A certificate for clients of the user's own, in the container of the control service. */
export const givenDirectory = '/run/mesh-given';

/** Reports of experiments: the command writes them, and the control service shows them. */
export const experimentsDirectory = '/mesh/experiments';

/** Modules as V8 has compiled them: of a service, or of the control service and the command. */
export const compiledDirectory = '/mesh/compiled';

/** Group of the servers that read a secret: that of PostgreSQL's, RabbitMQ's and Redis' images. */
export const secretsGroup = '999';

/** Group of the control service: that of the user `node` in Node's image. */
export const controlGroup = '1000';
