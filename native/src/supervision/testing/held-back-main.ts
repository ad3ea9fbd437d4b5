/** Main module of a real mesh whose Jaeger is built when a test says so: see `held-back.ts`. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { nativePlacement } from '@microshop/topology';
import {
  type Provisioning,
  type ProvisionOptions,
  startProvisioning,
  type ToolName,
} from '../../tools/index.ts';
import { runDaemon } from '../daemon.ts';
import { meshRun } from '../mesh.ts';
import { type BuildState, heldBackVariable } from './held-back.ts';

const file = process.env[heldBackVariable] ?? '';

/** Pause between two polls of what the test says, milliseconds. A build reports its progress as often. */
const lookEveryMs = 50;

/** Reports the progress of the build until the test says that it is done. */
async function untilBuilt({ onEvent, signal }: ProvisionOptions): Promise<void> {
  for (;;) {
    const state: BuildState = JSON.parse(await readFile(file, 'utf8'));
    if (state === 'built') return;
    onEvent?.({ kind: 'step', tool: 'jaeger', text: 'compiling', progress: state });
    await delay(lookEveryMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** The real tools, which are all there, but Jaeger's is only given when it is built. */
function heldBack(names: readonly ToolName[] = [], options: ProvisionOptions = {}): Provisioning {
  const real = startProvisioning(names, {
    ...options,
    onEvent: (event) => {
      if (event.tool !== 'jaeger') options.onEvent?.(event);
    },
  });
  const jaeger = untilBuilt(options).then(() => real.tool('jaeger'));
  jaeger.catch(() => undefined);
  return {
    missing: real.missing.then((missing) => [...missing, 'jaeger']),
    tool: (name) => (name === 'jaeger' ? jaeger : real.tool(name)),
    all: jaeger.then(() => real.all),
  };
}

const settings: { instance: number } = JSON.parse(process.argv[2] ?? '');
await runDaemon(meshRun(nativePlacement({ instance: settings.instance }), heldBack));
