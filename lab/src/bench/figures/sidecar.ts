/** What one sidecar takes at a fixed rate of requests, each of which it takes from the gateway and hands to its app. */
import { CommandFailed } from '@microshop/cli/output/errors';
import { residentBytesOf, statOf } from '@microshop/native/supervision/proc';
import { serviceNamed } from '@microshop/topology';
import { calibrate } from '../cpu/calibrate.ts';
import { msPerTick } from '../cpu/processes.ts';
import type { MeasuredMesh } from '../mesh/measured-mesh.ts';
import { type Asked, ask } from '../run/ask.ts';
import { makeGoods } from '../run/shop.ts';
import { pssBytesOf } from './memory.ts';
import type { Measured } from './set.ts';
import { watched } from './watch.ts';

/** How a sidecar is measured. */
export interface SidecarPlan {
  /** Requests per second. */
  readonly rate: number;
  readonly warmUp: number;
  readonly seconds: number;
}

/** The plan of the set: the rate for which the makers of other meshes publish what theirs takes. */
export const usualSidecar: SidecarPlan = { rate: 1000, warmUp: 5, seconds: 20 };

/** The service whose answer costs the least: one row by its key. */
const { name: service, route } = serviceNamed('users');

/** Share of the requests that must have been answered in time: fewer are another rate. */
const leastAnswered = 0.98;

/** Measures the sidecar of a whole mesh. Throws `CommandFailed` when it ends meanwhile. */
export async function measureSidecar(
  mesh: MeasuredMesh,
  signal: AbortSignal,
  { rate, warmUp, seconds }: SidecarPlan = usualSidecar,
): Promise<Measured> {
  const { userId } = await makeGoods(mesh, 0);
  const asking = (duration: number) => ask(mesh.urlOf(service), `${route}/${userId}`, rate, duration, signal);
  const part = `${service}-sidecar`;
  const pid = (await mesh.status()).parts.find(({ name }) => name === part)?.pid ?? undefined;
  if (pid === undefined) throw new CommandFailed(`${part} does not run`);

  await asking(warmUp);
  const calibratedBefore = calibrate();
  const { span, result } = await watched({ name: 'load', busy: true, status: mesh.status }, async () => {
    const before = ticksOf(pid, part);
    const asked = await asking(seconds);
    return { asked, ticks: ticksOf(pid, part) - before };
  });
  const resident = residentBytesOf(pid);
  if (resident === undefined) throw new CommandFailed(`${part} has ended`);
  const pss = pssBytesOf(pid);
  const calibratedAfter = calibrate();
  const { asked, ticks } = result;
  const fault = rateFault(asked, rate);
  return {
    figures: [
      { name: 'requests answered per second', value: asked.answered / asked.seconds },
      { name: `vCPU of ${part}`, value: (ticks * msPerTick) / 1000 / asked.seconds },
      { name: `memory of ${part}, MB resident`, value: resident / 1e6 },
      { name: `memory of ${part}, MB of its own (PSS)`, value: pss / 1e6 },
    ],
    spans: [span],
    calibration_ms: [calibratedBefore, calibratedAfter],
    ...(fault === undefined ? {} : { fault }),
  };
}

/** What is wrong with the rate at which it was asked. */
export function rateFault({ answered, seconds }: Asked, rate: number): string | undefined {
  const perSecond = answered / seconds;
  if (perSecond >= leastAnswered * rate) return undefined;
  return `Only ${perSecond.toFixed(0)} of ${rate} requests a second were answered`;
}

function ticksOf(pid: number, part: string): number {
  const ticks = statOf(pid)?.cpuTicks;
  if (ticks === undefined) throw new CommandFailed(`${part} has ended`);
  return ticks;
}
