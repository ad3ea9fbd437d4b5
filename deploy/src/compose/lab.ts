/** The control service, and what people run in containers: the command and the load generator. */
import { givenVariables } from '@microshop/envoy';
import {
  type Address,
  clientTrust,
  composePlacement,
  corsVariable,
  edgeAuthVariable,
  portVariable,
} from '@microshop/topology';
import { telemetryEnvironment } from '../app-environment.ts';
import {
  clientTrustMount,
  controlDirectories,
  experimentsDirectory,
  givenDirectory,
  secretsGroup,
} from '../container-paths.ts';
import { imageLines, images } from '../images.ts';
import { publish, statusPorts, usualPort } from '../ports.ts';
import { programs } from '../programs.ts';
import { text } from '../text.ts';
import { clientTrustVolume, controlMounts } from '../volumes.ts';
import { containerName, listLines, mapLines, ownImage, passed, whereSet } from './lines.ts';

const placement = composePlacement();

function url({ host, port }: Address, scheme = 'http'): string {
  return `${scheme}://${host}:${port}`;
}

/** The anchor of what the control service and the command read alike. */
export function labEnvironment(): string {
  const { gateway, jaeger, prometheus, control } = placement;
  return text`
    # The control service and the command.
    x-lab-environment: &lab-environment
      MESH_MODE: compose
      MESH_STATE_DIR: ${controlDirectories.state}
      MESH_EXPERIMENTS_DIR: ${experimentsDirectory}
      # whether the gateway authenticates clients, who then ask it over TLS; the files that it watches follow from it
      ${edgeAuthVariable}: ${passed(edgeAuthVariable)}
      MESH_CERTIFICATES_DIR: ${controlDirectories.certificates}
      MESH_URL_GATEWAY: ${url(gateway.address)}
      MESH_URL_GATEWAY_TLS: ${url(gateway.tls.address, 'https')}
      MESH_URL_JAEGER: ${url(jaeger.query)}
      MESH_URL_PROMETHEUS: ${url(prometheus)}
      MESH_URL_CONTROL: ${url(control)}
      # where a person on the host finds what is recorded here; empty is the usual port
      ${statusPorts.map((name) => `${portVariable(name)}: ${passed(portVariable(name))}`)}
  `;
}

/** Variables that name files of the user, and where these are in the container. */
const givenFiles = Object.entries(givenVariables).map(
  ([what, variable]) => [variable, `${givenDirectory}/${what}.pem`] as const,
);

/** The service `control`. */
export function control(): string {
  const { secrets, envoy, apps } = controlDirectories;
  const mounts = controlMounts();
  const port = usualPort('control');
  return text`
    control:
      <<: *every-container
      ${containerName('control')}
      image: &lab-image ${ownImage('lab')}
      build:
        context: .
        dockerfile: deploy/Dockerfile
        target: lab
      user: node
      # the group of the servers that read a secret; their files are for this group only
      group_add: ["${secretsGroup}"]
      # 135 MiB are in use after a few orders; an audit of many holds what it compares
      mem_limit: 384m
      tmpfs: ["/tmp:size=16m,mode=1777"]
      environment:
        <<: *lab-environment
        # alive means the secrets are there; the servers wait for that, and the demo data waits for the servers
        HEALTH: 127.0.0.1:${port}/health/live
        HOST: 0.0.0.0
        PORT: "${port}"
        LOG_LEVEL: ${passed('MESH_LOG_LEVEL', 'info')}
        ${mapLines(telemetryEnvironment(placement, 'control', 'control'))}
        # its reads of traces would appear among the traces it reads
        OTEL_TRACES_EXPORTER: none
        # a lack of memory shows in its log before the engine kills it silently
        NODE_OPTIONS: --max-old-space-size=256
        # whose pages the gateway lets call the shop from a browser
        ${corsVariable}: ${passed(corsVariable)}
        MESH_SECRETS_DIR: ${secrets}
        MESH_SECRETS_GROUP: "${secretsGroup}"
        # becomes a file for Grafana at the first start; one is generated when it is empty
        GRAFANA_ADMIN_PASSWORD: ${passed('GRAFANA_ADMIN_PASSWORD')}
        MESH_ENVOY_DIR: ${envoy}
        MESH_APPS_DIR: ${apps}
        MESH_URL_POSTGRES: ${url(placement.postgres, 'postgres')}
        MESH_URL_AMQP: ${url(placement.rabbitmq.amqp, 'amqp')}
        MESH_URL_RABBITMQ: ${url(placement.rabbitmq.management)}
        MESH_URL_REDIS: ${url(placement.redis, 'redis')}
        MESH_CERTIFICATE_LIFETIME_SECONDS: ${passed('MESH_CERTIFICATE_LIFETIME_SECONDS')}
        # an Envoy reads its own volume as a member of our group, and can reach no other
        MESH_CERTIFICATE_KEY_MODE: "0640"
        # a certificate for clients of your own; its files are mounted below
        ${givenFiles.map(([variable, file]) => `${variable}: ${whereSet(variable, file)}`)}
      volumes:
        # what Envoys and apps watch, and what was changed: faults, policies, the token
        ${listLines(mounts.watched)}
        ${listLines(mounts.certificates)}
        ${listLines(givenFiles.map(([variable, file]) => `${passed(variable, '/dev/null')}:${file}:ro`))}
        ${listLines(mounts.secrets)}
        # so that \`docker compose cp\` finds what k6 and experiments left
        - load-reports:/home/k6:ro
        - experiments:${experimentsDirectory}:ro
      networks: [mesh, telemetry, audit]
      ports: [${publish('control')}]
      stop_grace_period: 10s
      healthcheck: *http-health
  `;
}

/** The services that run only on demand. */
export function tools(): string {
  return text`
    # the command, for people without Node: docker compose run --rm mesh order
    mesh:
      <<: *every-container
      image: *lab-image
      profiles: [tools]
      restart: "no"
      user: node
      # an experiment runs k6 in here, beside the command
      mem_limit: 512m
      # one that is ended gives the mesh back first: it settles for 30 s at most, and is audited
      stop_grace_period: 60s
      tmpfs: ["/tmp:size=16m,mode=1777"]
      entrypoint: ["node", "${programs.command}"]
      environment: *lab-environment
      volumes:
        # faults and policies, and the token that allows changes
        - control:${controlDirectories.state}:ro
        - ${clientTrustVolume(`${controlDirectories.certificates}/${clientTrust.directory}`)}
        # where k6 has it, too: \`audit --ledger\` takes the path that a run prints
        - load-reports:/home/k6:ro
        - experiments:${experimentsDirectory}
      networks: [mesh, telemetry]

    # load: docker compose run --rm k6 steady
    k6:
      <<: *every-container
      ${imageLines(images.k6)}
      profiles: [tools]
      restart: "no"
      user: "12345:12345"
      mem_limit: 512m
      tmpfs: ["/tmp:size=64m,mode=1777"]
      entrypoint: ["/bin/sh", "/load-tests/run.sh"]
      environment:
        GATEWAY: ${url(placement.gateway.address)}
        # where clients are authenticated, this instead
        ${edgeAuthVariable}: ${passed(edgeAuthVariable)}
        GATEWAY_TLS: ${url(placement.gateway.tls.address, 'https')}
        SSL_CERT_FILE: ${clientTrustMount}/${clientTrust.file}
        # each run makes a directory of its own there
        REPORTS_IN: /home/k6/reports
        K6_PROMETHEUS_RW_SERVER_URL: ${url(placement.prometheus)}/api/v1/write
      volumes:
        - ./load-tests:/load-tests:ro
        - ${clientTrustVolume(clientTrustMount)}
        # the home of the image's user: a new volume takes its owner from there
        - load-reports:/home/k6
      networks: [mesh, telemetry]
  `;
}
