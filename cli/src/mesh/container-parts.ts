/** The parts of a mesh in containers, as a command in a container can ask them. */
import { meshAddresses } from '@microshop/program-kit/addresses';
import { trustGateway } from '@microshop/program-kit/gateway-trust';
import { requestJson, UnknownNameError } from '@microshop/program-kit/http-json';
import { certificatesIn } from '@microshop/program-kit/run-directory';
import { containerMode } from '@microshop/program-kit/typed-here';
import {
  type Address,
  composePlacement,
  kubernetesPlacement,
  labOrigin,
  originHeader,
  type Placement,
  services,
} from '@microshop/topology';
import { asUsage } from './settings.ts';

/** Time a part has to answer, milliseconds: longer than the gateway's own limit. */
const answerLimitMs = 5000;

/** Where everything is on the network of the containers. */
export function containerPlacement(env: NodeJS.ProcessEnv = process.env): Placement {
  return containerMode(env) === 'kubernetes' ? kubernetesPlacement() : composePlacement();
}

/** The addresses that a command in a container can ask, by part. Databases and the broker are on other networks. */
function questions(placement: Placement): ReadonlyMap<string, string> {
  const { gateway, jaeger, prometheus, control } = asUsage(() => meshAddresses());
  const ready = ({ host, port }: Address) => `http://${host}:${port}/ready`;
  return new Map([
    ['gateway', ready(placement.gateway.admin)],
    ...services.map(({ name, route }) => [name, `${gateway}${route}?limit=1`] as const),
    ...placement.pods.map(({ service, admin }) => [`${service}-sidecar`, ready(admin)] as const),
    ['control', `${control}/health/ready`],
    ['jaeger', `${jaeger}/api/services`],
    ['prometheus', `${prometheus}/-/ready`],
    ['grafana', `http://${placement.grafana.host}:${placement.grafana.port}/api/health`],
  ]);
}

/** The result of asking a part: the status of its answer, or what was thrown. */
export interface Asked {
  readonly name: string;
  readonly status?: number;
  readonly error?: unknown;
}

async function ask(name: string, url: string): Promise<Asked> {
  try {
    const headers = { [originHeader]: labOrigin };
    const { status } = await requestJson(name, 'GET', url, { headers, limitMs: answerLimitMs });
    return { name, status };
  } catch (error) {
    return { name, error };
  }
}

/** Whether it does its work. */
export function isHealthy({ status = 500 }: Asked): boolean {
  return status < 500;
}

/** Grafana is left out with `deploy/compose-slim.yaml`; its name is then not known. */
export function isPart({ name, error }: Asked): boolean {
  return name !== 'grafana' || !(error instanceof UnknownNameError);
}

/** Asks all of them at once. */
export async function askParts(placement: Placement): Promise<Asked[]> {
  await trustGateway(certificatesIn());
  const asked = await Promise.all([...questions(placement)].map(([name, url]) => ask(name, url)));
  return asked.filter(isPart);
}

/** Names of those that do not do their work now. */
export async function silentParts(): Promise<string[]> {
  const asked = await askParts(containerPlacement());
  return asked.filter((part) => !isHealthy(part)).map(({ name }) => name);
}
