/** The real mesh as the runner takes it: its parts, provisioned while they start, and where it keeps its files. */

import { repositoryRoot, runDirectory } from '@microshop/program-kit/run-directory';
import type { Placement } from '@microshop/topology';
import { meshUrls, replicasOf } from '@microshop/topology';
import { meshParts } from '../parts/index.ts';
import {
  type ProvisionEvent,
  type Provisioning,
  startProvisioning,
  stepText,
  type Tool,
  type ToolName,
} from '../tools/index.ts';
import type { Report } from './events.ts';
import type { Part, PartMaking } from './part.ts';
import { runVariable } from './process-group.ts';
import type { SuperviseOptions } from './supervise.ts';
import { UnknownPartError } from './supervisor.ts';

/** Tools the parts run on. */
const partTools: readonly ToolName[] = ['envoy', 'jaeger', 'postgres', 'prometheus', 'rabbitmq', 'redis'];

/** What is known of the tools that are being made. */
interface Making {
  onEvent(event: ProvisionEvent): void;
  /** How far that tool is. */
  of(tool: ToolName): PartMaking | undefined;
}

/** Keeps the progress of each tool, and reports it. */
function createMaking(report: Report): Making {
  const making = new Map<ToolName, PartMaking>();
  return {
    of: (tool) => making.get(tool),
    onEvent(event) {
      const { tool } = event;
      const note = (text: string) => report({ type: 'note', text: `  ${tool.padEnd(20)} ${text}` });
      switch (event.kind) {
        case 'note':
          return note(event.text);
        case 'step': {
          const { text: step, progress } = event;
          const { share, secondsLeft } = progress ?? {};
          making.set(tool, { step, share: share ?? null, seconds_left: secondsLeft ?? null });
          if (step === 'waiting') return;
          return report({ type: 'making', part: tool, step, share: share ?? null, text: stepText(event) });
        }
        case 'ready':
          making.delete(tool);
          if (event.found.seconds !== undefined) {
            note(`${event.found.version} provisioned in ${event.found.seconds.toFixed(0)} s`);
          }
          return;
        case 'failed':
          making.delete(tool);
          return;
      }
    },
  };
}

/** Everything `supervise` needs for the mesh of that placement, apart from where it reports. */
export function meshRun(
  placement: Placement,
  start = startProvisioning,
): Pick<SuperviseOptions, 'directory' | 'replicas' | 'urls' | 'makeParts'> {
  const directory = runDirectory(placement.instance);
  return {
    directory,
    replicas: replicasOf(placement),
    urls: meshUrls(placement),
    makeParts: ({ signal, report, runId }) => {
      const making = createMaking(report);
      // a build for a run that is killed ends with the run
      const env = { ...process.env, [runVariable]: runId };
      const provision = (names: readonly ToolName[]) =>
        start(names, { env, signal, onEvent: making.onEvent });
      // all at once, when the first part asks for its tool: by then the ports have been checked
      let all: Provisioning | undefined;
      const first = () => {
        all ??= provision(partTools);
        return all;
      };
      const obtained = new Map<ToolName, Promise<Tool>>();
      const failed = new Set<ToolName>();
      return meshParts({
        placement,
        directory: directory.path,
        root: repositoryRoot,
        tool(name) {
          const known = obtained.get(name);
          if (known !== undefined) return known;
          const tool = !failed.has(name) ? first().tool(name) : provision([name]).tool(name);
          obtained.set(name, tool);
          // each attempt of the part is also a new attempt to make its tool
          tool.catch(() => {
            obtained.delete(name);
            failed.add(name);
          });
          return tool;
        },
        isMissing: async (name) => (await first().missing).includes(name),
        making: making.of,
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

/** Throws `InvalidInputError` when no part of the mesh, whatever its replicas, has that name. */
export function checkPartName(name: string, placement: Placement): void {
  const known = partsWithoutTools(placement).map((part) => part.name);
  const plain = name.replace(/-\d+$/, '');
  if (!known.includes(plain)) throw new UnknownPartError(name, known);
}
