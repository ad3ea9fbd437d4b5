/** Networks that more know than should: who shares one can talk. */
import { brokerServices, type Service, services as shop } from '@microshop/topology';
import { type ComposeFile, networksOf } from './compose-file.ts';

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

/** What is wrong with the members of the networks that not every service is on; empty when nothing is. */
export function isolationProblems(file: ComposeFile): string[] {
  const members = (network: string) =>
    sorted(Object.keys(file.services).filter((name) => networksOf(file, name).includes(network)));
  const differs = (network: string, ...expected: readonly string[]): string[] => {
    const [has, wanted] = [JSON.stringify(members(network)), JSON.stringify(sorted(expected))];
    return has === wanted ? [] : [`members of ${network} is ${has}, not ${wanted}`];
  };
  const pods = (of: readonly Service[]) => of.flatMap(({ name }) => [name, `${name}-pod`, `${name}-sidecar`]);
  return [
    ...shop.flatMap((service) => differs(`${service.name}-db`, 'postgres', ...pods([service]))),
    ...differs(
      'messaging',
      ...['rabbitmq', 'prometheus'],
      ...pods(shop.filter(({ name }) => brokerServices.includes(name))),
    ),
    ...differs('cache', 'redis', ...pods(shop.filter(({ cache }) => cache))),
    ...differs('audit', 'control', 'postgres', 'rabbitmq', 'redis'),
  ];
}
