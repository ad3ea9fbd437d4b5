/** Brings up a mesh for `./mesh up`: in the foreground or the background, or waits for one that is being started. */
import { setTimeout as delay } from 'node:timers/promises';
import { readChanges } from '@microshop/control/changes/store';
import { certificateSettings, givenFiles, givenVariables, readGiven } from '@microshop/envoy';
import { traceStore } from '@microshop/native/parts/telemetry';
import { startDaemon } from '@microshop/native/supervision/daemon';
import { eventLines, type Report, runnerLog, sparing } from '@microshop/native/supervision/events';
import { LockHeldError } from '@microshop/native/supervision/lock';
import { meshRun, partsWithoutTools } from '@microshop/native/supervision/mesh';
import { checkPortsApart, portProblems } from '@microshop/native/supervision/ports';
import { supervise } from '@microshop/native/supervision/supervise';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { messageOf } from '@microshop/program-kit/errors';
import { trustGateway } from '@microshop/program-kit/gateway-trust';
import { makeRunDirectory } from '@microshop/program-kit/run-directory';
import type { RunnerEvent } from '@microshop/program-kit/runner-events';
import { type Placement, type Replicas, replicasOf, services } from '@microshop/topology';
import { CommandFailed, UsageError } from '../output/errors.ts';
import { liveLine, print, progress } from '../output/output.ts';
import { pageAddress } from '../page/address.ts';
import { buildPageInBackground } from '../page/build.ts';
import { changeLines } from '../text/changes.ts';
import { asksClients } from './asks-clients.ts';
import { standsInContainers } from './running-mesh.ts';
import { asUsage, type MeshSettings, meshSettings } from './settings.ts';
import { laterLines, onlyJoining, trustLines, unwellText, urlLines, verdictLine } from './status-lines.ts';

/** Pause between two polls of a mesh that another process is starting, milliseconds. */
const lookEveryMs = 250;

async function show(status: MeshStatus, { directory }: MeshSettings): Promise<void> {
  const changes = changeLines('Changed on purpose, and in effect:', await readChanges(directory.changes));
  const { control = '' } = status.urls;
  // the first line says why the service does not answer
  const page = await pageAddress(control, control).catch(() => undefined);
  print(
    verdictLine(status),
    ...laterLines(status),
    '',
    ...urlLines(status.urls),
    ...trustLines(status.urls, directory.certificates),
    ...(page === undefined
      ? []
      : ['', 'The console, a page that may change the mesh; this address opens once:', page]),
    ...(changes.length > 0 ? ['', ...changes] : []),
  );
}

/** The answer when a supervisor is there already. Waits for one that is still starting its mesh. */
async function alreadyUp(settings: MeshSettings, found: MeshStatus, replicas: Replicas): Promise<void> {
  const { client } = settings;
  let status = found;
  const { instance, supervisor_pid: pid } = found;
  if (status.state === 'starting')
    progress(`Mesh ${instance} is being started by pid ${pid}; waiting for it`);
  while (status.state === 'starting') {
    await delay(lookEveryMs);
    const next = await client.status();
    if (next === undefined) throw new CommandFailed(`Mesh ${instance} did not come up: ./mesh logs runner`);
    status = next;
  }
  if (status.state === 'stopping') {
    throw new CommandFailed(
      `Mesh ${instance} is stopping (pid ${pid}); retry when ./mesh status says it is down`,
    );
  }
  const asked = replicasOf(settings.placement(replicas));
  const other = services.find(({ name }) => asked[name] !== status.replicas[name]);
  if (other !== undefined && Object.keys(replicas).length > 0) {
    throw new CommandFailed(
      `Mesh ${instance} is up with other replicas (${other.name}=${status.replicas[other.name] ?? 1}); ./mesh down first`,
    );
  }
  await trustGateway(settings.directory.certificates);
  if (settings.placement().edgeAuth && (await asksClients(status.urls['gateway'] ?? '')) === false) {
    throw new CommandFailed(`Mesh ${instance} is up without --edge-auth; ./mesh down first`);
  }
  progress(`Mesh ${instance} is already up (pid ${pid})`);
  await show(status, settings);
  if (!onlyJoining(status)) throw new CommandFailed(`Not healthy: ${unwellText(status)}`);
}

/** Prints what the runner reports, as lines of progress. */
function showLines(event: RunnerEvent): void {
  for (const line of eventLines(event)) progress(line);
}

async function inBackground(settings: MeshSettings, replicas: Replicas): Promise<void> {
  const { client, directory, instance } = settings;
  const interrupted = new AbortController();
  const onSignal = () => {
    if (!interrupted.signal.aborted) progress('Interrupted: stopping what was started');
    interrupted.abort();
  };
  // they stay: a second one would end this command before the mesh has ended
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    await startDaemon({
      directory,
      replicas,
      report: showLines,
      signal: interrupted.signal,
    });
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
  const status = await client.status();
  if (status === undefined)
    throw new CommandFailed(`Mesh ${instance} came up and ended at once: ./mesh logs runner`);
  await show(status, settings);
}

async function inForeground(settings: MeshSettings, replicas: Replicas): Promise<void> {
  const { client, placement } = settings;
  const run = meshRun(placement(replicas));
  makeRunDirectory(run.directory);
  const log = runnerLog(run.directory);
  const lines = sparing(showLines);
  const live = liveLine();
  const report: Report = (event) => {
    log(event);
    if (live !== undefined && event.type === 'making' && event.share !== null) {
      live.show(eventLines(event).join(' '));
      return;
    }
    live?.erase();
    lines(event);
  };
  const ended = await supervise({
    ...run,
    report,
    onUp: async () => {
      const status = await client.status();
      live?.erase();
      if (status !== undefined) await show(status, settings);
      progress('\nCtrl-C stops it');
    },
  });
  if (ended.outcome === 'failed') throw new CommandFailed(ended.reason);
  progress('Everything is stopped');
  if (!ended.wasUp) throw new CommandFailed('It was stopped before it was up');
}

/** Throws `CommandFailed` when the containers of this checkout hold ports that the mesh needs. */
async function refuseBesideContainers({ instance, placement }: MeshSettings): Promise<void> {
  const taken = await portProblems(partsWithoutTools(placement()));
  if (taken.length === 0 || !(await standsInContainers(instance))) return;
  const ports = [...new Set(taken.map(({ port }) => port.port))];
  throw new CommandFailed(
    `The mesh runs in containers, as this checkout's compose project, and has the ports of mesh ${instance} (${ports.join(', ')}). docker compose down stops it; MESH_INSTANCE=2 ./mesh up starts another mesh beside it`,
  );
}

/**
 * Throws `UsageError` for a certificate of the user's own that clients could not be shown. Its paths become absolute: the control service
 * has another directory.
 */
async function checkGivenCertificate({ edgeAuth, gateway }: Placement): Promise<void> {
  if (!edgeAuth) return;
  const given = asUsage(() => givenFiles());
  if (given === undefined) return;
  await readGiven(given, gateway.tls.address.host).catch((error: unknown) => {
    throw new UsageError(messageOf(error), { cause: error });
  });
  for (const what of ['certificate', 'key', 'authority'] as const) {
    const file = given[what];
    if (file !== undefined) process.env[givenVariables[what]] = file;
  }
}

/** Brings it up and prints where it is. Rejects with `UsageError` for wrong settings, `CommandFailed` when it does not come up. */
export async function bringUp(options: {
  readonly detach?: boolean;
  readonly replicas?: Replicas;
}): Promise<void> {
  const settings = meshSettings();
  const { client, instance } = settings;
  const replicas = options.replicas ?? {};
  const placement = settings.placement(replicas);
  asUsage(() => checkPortsApart(partsWithoutTools(placement)));
  asUsage(() => certificateSettings());
  await checkGivenCertificate(placement);
  asUsage(() => traceStore(settings.directory.path));
  const found = await client.status();
  if (found !== undefined) return await alreadyUp(settings, found, replicas);
  await refuseBesideContainers(settings);
  buildPageInBackground(settings.directory);
  try {
    await (options.detach === true ? inBackground : inForeground)(settings, replicas);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new CommandFailed(`Mesh ${instance} is already being run by pid ${error.holder.pid}`, {
      cause: error,
    });
  }
}
