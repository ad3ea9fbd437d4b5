/**
 * What `up` and `status` say about a mesh, for people; also of a part that the mesh is up without, because its program
 * is still being made.
 */
import path from 'node:path';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { stepText, timeText } from '@microshop/native/tools/index';
import { gatewayTrustFile } from '@microshop/program-kit/gateway-trust';
import { inContainers } from '@microshop/program-kit/typed-here';
import { columns } from '../output/columns.ts';
import { styled } from '../output/style.ts';

/** Addresses that have no page to look at; only natively is Jaeger built without its own. */
const apis = ['gateway', ...(inContainers() ? [] : ['jaeger'])];

/** What else there is to say of an address. */
const notes: Readonly<Record<string, string>> = { control: 'the console, and its API' };

/** Where everything is reached. */
export function urlLines(urls: MeshStatus['urls']): string[] {
  const rows = Object.entries(urls).map(([what, url]) => [
    what,
    styled('cyan', url),
    notes[what] ?? (apis.includes(what) ? 'API' : ''),
  ]);
  return columns(['what', 'where', ''], rows).map((line) => `  ${line}`);
}

/** Where there is what verifies the certificate of a gateway that is asked over TLS. */
export function trustLines(urls: MeshStatus['urls'], certificates: string): string[] {
  if (urls['gateway']?.startsWith('https:') !== true) return [];
  const file = gatewayTrustFile(certificates);
  const where = inContainers() ? `docker compose cp control:${file} .` : path.relative('.', file);
  return ['', `What verifies the certificate of the gateway: ${where}`];
}

/** One line about the state of the whole mesh. */
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

type Part = MeshStatus['parts'][number];
type Making = NonNullable<Part['making']>;

/** What is being done and how far it is: `compiling, 43 %, about 3 min left`. */
export function makingText({ step, share, seconds_left: left }: Making): string {
  const progress = share === null ? undefined : { share, ...(left === null ? {} : { secondsLeft: left }) };
  return stepText({ text: step, progress });
}

/** What the mesh lacks until then. */
const lacks: Readonly<Record<string, string>> = { jaeger: 'Traces, and the metrics of apps, begin' };

/** A line about each part that joins later. */
export function laterLines({ parts }: MeshStatus): string[] {
  return parts.flatMap(({ name, making }) => {
    if (making === null) return [];
    const left = making.seconds_left;
    const when = left === null ? '' : `, in about ${timeText(left)}`;
    return [
      `${lacks[name] ?? 'The mesh is complete'} when ${name} is built${when} (now: ${makingText({ ...making, seconds_left: null })})`,
    ];
  });
}

/** Whether such parts alone keep the mesh from being healthy. */
export function onlyJoining({ parts }: MeshStatus): boolean {
  return parts.every(({ healthy, making }) => healthy || making !== null);
}

/** The sentence of a command that needs the part. */
export function stillBuilt({ name, making }: Part): string | undefined {
  if (making === null) return undefined;
  const sentence = `${name} is still being built (${makingText(making)})`;
  return name === 'jaeger' ? `${sentence}; orders placed before that leave no trace` : sentence;
}
