/** Lines that several services of the compose file have. */
import { stringify } from 'yaml';

/** Name of the project unless another is chosen. */
export const projectName = 'microshop';

const project = `\${COMPOSE_PROJECT_NAME:-${projectName}}`;

/** Name of a service's container. It is compose's own, and being written it keeps compose from beginning a second one. */
export function containerName(service: string): string {
  return `container_name: ${project}-${service}-1`;
}

/** Name of an image of ours: two projects on one engine do not share them. */
export function ownImage(name: string): string {
  return `${project}/${name}`;
}

/** A variable of the shell that calls compose; empty when there is none. */
export function passed(name: string, fallback = ''): string {
  return `\${${name}:-${fallback}}`;
}

/** Another text where that variable of the shell is set; empty when it is not. */
export function whereSet(name: string, value: string): string {
  return `\${${name}:+${value}}`;
}

/** `NAME: value` of each, quoted where YAML would take the value for something else than text. */
export function mapLines(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(
    ([name, value]) => `${name}: ${stringify(value, { lineWidth: 0 }).trimEnd()}`,
  );
}

/** `- item` of each. */
export function listLines(items: readonly string[]): readonly string[] {
  return items.map((item) => `- ${stringify(item, { lineWidth: 0 }).trimEnd()}`);
}

/** `depends_on` of a service: it waits until those are healthy. */
export function waitsFor(...services: readonly string[]): readonly string[] {
  return ['depends_on:', ...services.map((service) => `  ${service}: { condition: service_healthy }`)];
}

/** The same for what lives in a pod: a pod that is recreated has another namespace, and both must follow. */
export function waitsInPod(pod: string, ...services: readonly string[]): readonly string[] {
  const [head = '', ...others] = waitsFor(...services);
  return [head, `  ${pod}: { condition: service_started, restart: true }`, ...others];
}
