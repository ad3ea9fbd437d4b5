/**
 * Times in which spans were lost although everything was traced: a process was killed before it had sent its last
 * ones, an Envoy was stopped (it sends none at its end), or there was nobody to send them to. The runner's log tells of
 * both. In containers there is no such log: then no gap is known, and an incomplete trace counts as incomplete.
 */
import { readFile } from 'node:fs/promises';
import { hasCode } from '@microshop/program-kit/errors';

/** Spans of `service` that ended between these times may be lost; milliseconds since the epoch. */
export interface Gap {
  /** `service.name`; `undefined` for everybody's. */
  readonly service: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Spans wait for up to a second in an app and in an Envoy; half a second more for a batch that is on its way. */
const unsentMs = 1500;

/** An Envoy drops the spans it has not sent also when it is stopped in order; an app sends them first. */
const envoy = /^gateway$|-sidecar(-\d+)?$/;

/** The collector all spans go to. */
const collector = 'jaeger';

const line = /^(\S+) ([a-z][a-z0-9-]*) +(.*)$/;
const died = /; starting it again in /;
const stopped = /^stopped in /;
const healthy = /^healthy after /;
/** Natively it may still be built when the first orders are placed. */
const joinsLater = /^joins later/;

/** The gaps a runner's log tells of. */
export function gapsIn(log: string): Gap[] {
  const gaps: Gap[] = [];
  let awayFrom: number | undefined;
  for (const [, time = '', part = '', text = ''] of log.split('\n').flatMap((one) => {
    const found = line.exec(one);
    return found === null ? [] : [found];
  })) {
    const at = Date.parse(time);
    if (Number.isNaN(at)) continue;
    if (part === collector) {
      if (died.test(text) || stopped.test(text) || joinsLater.test(text)) awayFrom ??= at - unsentMs;
      else if (healthy.test(text) && awayFrom !== undefined) {
        gaps.push({ service: undefined, fromMs: awayFrom, toMs: at + unsentMs });
        awayFrom = undefined;
      }
    } else if (died.test(text) || (envoy.test(part) && stopped.test(text))) {
      // a replica's spans bear the name of its service: `orders-2` is `orders`
      gaps.push({ service: part.replace(/-\d+$/, ''), fromMs: at - unsentMs, toMs: at });
    }
  }
  if (awayFrom !== undefined) gaps.push({ service: undefined, fromMs: awayFrom, toMs: Infinity });
  return gaps;
}

/** Whether the spans of that moment (milliseconds since the epoch) found nobody to go to. */
export function collectorAway(gaps: readonly Gap[], atMs: number): boolean {
  return gaps.some(({ service, fromMs, toMs }) => service === undefined && fromMs <= atMs && atMs <= toMs);
}

/** Reads the gaps from the runner's log; none when there is no such file. */
export async function readGaps(file: string): Promise<Gap[]> {
  try {
    return gapsIn(await readFile(file, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
