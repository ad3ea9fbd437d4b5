/** Who is on which network. Who shares one can talk. */
import { brokerServices, type Service, services } from '@microshop/topology';
import { text } from './text.ts';

/** The network of a service and its own database's server. */
export function databaseNetwork({ name }: Pick<Service, 'name'>): string {
  return `${name}-db`;
}

/** Networks on which others find a pod by the name of its service. */
export const openNetworks = ['mesh', 'telemetry'] as const;

/** Networks of a pod that it is on to reach its servers. */
export function serverNetworks(service: Service): readonly string[] {
  return [
    databaseNetwork(service),
    ...(brokerServices.includes(service.name) ? ['messaging'] : []),
    ...(service.cache ? ['cache'] : []),
  ];
}

/** The section `networks`. */
export function networksSection(): string {
  return text`
    # Who shares a network can talk. A service shares one with its own database's server and with no other service's.
    networks:
      ${openNetworks.map((name) => `${name}: {}`)}
      ${services.map((service) => `${databaseNetwork(service)}: {}`)}
      # the control service, and what it looks into: no service of the shop is here
      audit: {}
      messaging: {}
      cache: {}
  `;
}
