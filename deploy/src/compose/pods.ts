/** The pods of the compose file, and the gateway: everything that an Envoy stands before. */
import {
  breakerServices,
  brokerServices,
  composePlacement,
  type Pod,
  serviceNamed,
} from '@microshop/topology';
import { appEnvironment } from '../app-environment.ts';
import { passwordFile, signingKeysFile } from '../consumers.ts';
import { ownBreakers, ownSecrets } from '../container-paths.ts';
import { openNetworks, serverNetworks } from '../networks.ts';
import { publish, usualPort } from '../ports.ts';
import { text } from '../text.ts';
import { ownCertificatesMount, ownSecretsMount } from '../volumes.ts';
import { envoyConfig } from './common.ts';
import { containerName, mapLines, ownImage, waitsFor, waitsInPod } from './lines.ts';

const placement = composePlacement();

/** The mounts of an Envoy: how it begins, what it watches, and who it is. */
function envoyVolumes(part: string, identity: string): readonly string[] {
  return [
    'volumes:',
    `  - ./envoy/generated/compose/${part}.yaml:${envoyConfig}:ro`,
    '  - envoy:/etc/envoy/xds:ro',
    `  - ${ownCertificatesMount(identity)}`,
  ];
}

/** The service `gateway`. */
export function gateway(): string {
  return text`
    gateway:
      <<: *envoy
      ${containerName('gateway')}
      ${envoyVolumes('gateway', 'gateway')}
      networks: [${openNetworks.join(', ')}]
      ports:
        - ${publish('gateway')}
        - ${publish('gateway_tls')}
        - ${publish('gateway_admin')}
      ${waitsFor(...placement.pods.map(({ sidecar }) => sidecar))}
      environment: { HEALTH: 127.0.0.1:${usualPort('gateway_admin')}/ready }
  `;
}

/** Environment of the app of each pod. */
function environments(): ReadonlyMap<Pod, Readonly<Record<string, string>>> {
  const files = {
    password: (name: Parameters<typeof passwordFile>[0]) => `${ownSecrets}/${passwordFile(name)}`,
    breakers: ownBreakers,
    signingKeys: `${ownSecrets}/${signingKeysFile}`,
  };
  return new Map(placement.pods.map((pod) => [pod, appEnvironment(placement, pod, files)]));
}

/** What the environments of all apps have in common. */
export function commonEnvironment(): Readonly<Record<string, string>> {
  const [first = {}, ...others] = environments().values();
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}

/** The pod, the app and the sidecar of every service. */
export function pods(): readonly string[] {
  const common = commonEnvironment();
  return [...environments()].map(([pod, environment]) => {
    const own = Object.entries(environment).filter(([name]) => !(name in common));
    return podServices(pod, Object.fromEntries(own));
  });
}

/** The three services of one pod. */
function podServices(
  { service: ofService, sidecar, inbound, admin }: Pod,
  environment: Readonly<Record<string, string>>,
): string {
  const service = serviceNamed(ofService);
  const { name, cache } = service;
  // holds the network namespace of the other two
  const pod = `${name}-pod`;
  const servers = [
    ...['control', 'postgres'],
    ...(brokerServices.includes(name) ? ['rabbitmq'] : []),
    ...(cache ? ['redis'] : []),
  ];
  const breakers = breakerServices.includes(name)
    ? [
        '# the policies of its breakers: it reads those it is to have, and writes those it has',
        `- breakers-${name}:${ownBreakers}`,
      ]
    : [];
  return text`
    ${pod}:
      <<: *pod
      ${containerName(pod)}
      networks:
        ${openNetworks.map((network) => `${network}: { aliases: [${inbound.host}] }`)}
        ${serverNetworks(service).map((network) => `${network}: {}`)}
      ports: [${publish(`${name}_admin`)}]
    ${name}:
      <<: *app
      ${containerName(name)}
      image: ${ownImage(name)}
      build: { <<: *service-build, args: { SERVICE: ${name} } }
      environment:
        <<: *app-environment
        ${mapLines(environment)}
      volumes:
        - ${ownSecretsMount(name)}
        ${breakers}
      network_mode: service:${pod}
      ${waitsInPod(pod, ...servers)}
    ${sidecar}:
      <<: *envoy
      ${containerName(sidecar)}
      ${envoyVolumes(sidecar, name)}
      network_mode: service:${pod}
      ${waitsInPod(pod, name)}
      # by its name on the network, which leads to the pod that is there now
      environment: { HEALTH: "${pod}:${String(admin.port)}/ready" }
  `;
}
