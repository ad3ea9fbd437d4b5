/** What `up` and `status` say about a mesh, for people. */

import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { inContainers } from '@microshop/program-kit/typed-here';
import { columns } from '../output/columns.ts';
import { styled } from '../output/style.ts';
import { onlyJoining } from './making.ts';

/** Addresses that have no page to look at; only natively is Jaeger built without its own. */
const apis = ['gateway', 'control', ...(inContainers() ? [] : ['jaeger'])];

/** Where everything is reached. */
export function urlLines(urls: MeshStatus['urls']): string[] {
  const rows = Object.entries(urls).map(([what, url]) => [
    what,
    styled('cyan', url),
    apis.includes(what) ? 'API' : '',
  ]);
  return columns(['what', 'where', ''], rows).map((line) => `  ${line}`);
}

/** One line on how the whole is. */
export function verdictLine(status: MeshStatus): string {
  const well = status.parts.filter((part) => part.healthy).length;
  const count = `${well} of ${status.parts.length} parts healthy`;
  const colour = status.healthy ? 'green' : onlyJoining(status) ? 'yellow' : 'red';
  const verdict = styled(colour, count);
  return `Mesh ${status.instance} is ${status.state}: ${verdict}`;
}

/** The parts that are not healthy, with their state. */
export function unwellText(status: MeshStatus): string {
  return status.parts
    .filter((part) => !part.healthy)
    .map((part) => `${part.name} (${part.state === 'running' ? 'not healthy' : part.state})`)
    .join(', ');
}
