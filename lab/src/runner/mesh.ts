/** The real mesh as the runner takes it: its parts, provisioned while they start, and where it keeps its files. */
import type { Placement } from '@microshop/topology';
import { meshParts } from '../parts/index.ts';
import { type ProvisionEvent, type Provisioning, startProvisioning, type ToolName } from '../tools/index.ts';
import type { Report } from './events.ts';
import type { Part } from './part.ts';
import { replicasOf } from './replicas.ts';
import { repositoryRoot, runDirectory } from './run-directory.ts';
import type { SuperviseOptions } from './supervise.ts';
import { UnknownPartError } from './supervisor.ts';
import { meshUrls } from './urls.ts';

/** Tools the parts run on. */
const partTools: readonly ToolName[] = ['envoy', 'jaeger', 'postgres', 'prometheus', 'rabbitmq', 'redis'];

/** Tells of provisioning by lines: a step when it begins, a tool when it is there. */
function provisionReport(report: Report): (event: ProvisionEvent) => void {
  const told = new Map<string, string>();
  return (event) => {
    const note = (text: string) => report({ type: 'note', text: `  ${event.tool.padEnd(20)} ${text}` });
    switch (event.kind) {
      case 'note':
        return note(event.text);
      case 'step': {
        // `compiling, 812 packages` is told once
        const step = event.text.split(',')[0] ?? '';
        if (step === 'waiting' || told.get(event.tool) === step) return;
        told.set(event.tool, step);
        return note(event.text);
      }
      case 'ready':
        if (event.found.seconds !== undefined) {
          note(`${event.found.version} provisioned in ${event.found.seconds.toFixed(0)} s`);
        }
        return;
      case 'failed':
        return;
    }
  };
}

/** Everything `supervise` needs for the mesh of that placement, apart from who is told. */
export function meshRun(
  placement: Placement,
): Pick<SuperviseOptions, 'directory' | 'replicas' | 'urls' | 'makeParts'> {
  const directory = runDirectory(placement.instance);
  return {
    directory,
    replicas: replicasOf(placement),
    urls: meshUrls(placement),
    makeParts: ({ signal, report }) => {
      // all at once, when the first part asks for its tool: the ports have been looked at by then
      let provisioning: Provisioning | undefined;
      const provision = () => {
        provisioning ??= startProvisioning(partTools, { signal, onEvent: provisionReport(report) });
        return provisioning;
      };
      return meshParts({
        placement,
        directory: directory.path,
        root: repositoryRoot,
        tool: (name) => provision().tool(name),
      });
    },
  };
}

/** The parts, to be named or cleaned up after: they cannot be started. */
export function partsWithoutTools(placement: Placement): readonly Part[] {
  return meshParts({
    placement,
    directory: runDirectory(placement.instance).path,
    root: repositoryRoot,
    tool: (name) => Promise.reject(new Error(`${name} is not provisioned here`)),
  });
}

/** Throws `UsageError` when no part of the mesh, whatever its replicas, has that name. */
export function checkPartName(name: string, placement: Placement): void {
  const known = partsWithoutTools(placement).map((part) => part.name);
  const plain = name.replace(/-\d+$/, '');
  if (!known.includes(plain)) throw new UnknownPartError(name, known);
}
