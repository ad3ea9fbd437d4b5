/** Volumes of the compose file. */
import { breakerServices, clientTrust, identities } from '@microshop/topology';
import { consumers } from './consumers.ts';
import { controlDirectories, ownSecrets } from './container-paths.ts';
import { text } from './text.ts';

/** Holders of certificates: the authorities, each identity, and clients, who hold none but verify one. */
const certificateHolders: readonly string[] = ['authority', ...identities, clientTrust.directory];

/** The mount of a consumer's own passwords. */
export function ownSecretsMount(consumer: (typeof consumers)[number]['name']): string {
  return `secrets-${consumer}:${ownSecrets}:ro`;
}

/** The mount of an Envoy's own certificates, below its working directory. */
export function ownCertificatesMount(identity: string): string {
  return `certificates-${identity}:/etc/envoy/certificates/${identity}:ro`;
}

/** The mount of what verifies the certificate that clients are shown. */
export function clientTrustVolume(directory: string): string {
  return `certificates-${clientTrust.directory}:${directory}:ro`;
}

/** The mounts of the control service: it makes the certificates and the passwords of all, and writes all policies. */
export function controlMounts(): {
  readonly watched: readonly string[];
  readonly certificates: readonly string[];
  readonly secrets: readonly string[];
} {
  const { secrets, certificates, envoy, apps, state } = controlDirectories;
  return {
    watched: [
      `envoy:${envoy}`,
      ...breakerServices.map((name) => `breakers-${name}:${apps}/${name}`),
      `control:${state}`,
    ],
    certificates: certificateHolders.map((name) => `certificates-${name}:${certificates}/${name}`),
    secrets: consumers.map(({ name }) => `secrets-${name}:${secrets}/${name}`),
  };
}

/** The section `volumes`. */
export function volumesSection(): string {
  const names = [
    ...['postgres', 'rabbitmq', 'prometheus', 'grafana', 'load-reports', 'experiments'],
    ...certificateHolders.map((name) => `certificates-${name}`),
    ...consumers.map(({ name }) => `secrets-${name}`),
    'envoy',
    ...breakerServices.map((name) => `breakers-${name}`),
    'control',
  ];
  return text`
    volumes:
      ${names.map((name) => `${name}: {}`)}
  `;
}
