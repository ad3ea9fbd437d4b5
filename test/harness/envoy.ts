/** What the Envoys count and write. */
import { mesh } from './mesh.ts';

/** Counters of an Envoy (`gateway`, `users`, `products`, `orders`) whose names match, by name. */
export async function counters(of: string, filter: string): Promise<ReadonlyMap<string, number>> {
  const path = `/stats?format=json&filter=${encodeURIComponent(filter)}`;
  const response = await fetch(mesh.admin(of) + path, { signal: AbortSignal.timeout(5000) });
  const { stats }: { stats: { name?: string; value?: unknown }[] } = JSON.parse(await response.text());
  return new Map(
    stats.flatMap(({ name, value }) =>
      name !== undefined && typeof value === 'number' ? [[name, value] as const] : [],
    ),
  );
}

/** Calls and attempts of the orders service to a peer since its sidecar was started, by Envoy's counters. */
export async function attemptsTo(peer: string): Promise<{ calls: number; attempts: number }> {
  const found = await counters('orders', `^cluster\\.${peer}\\.upstream_rq_(completed|retry)$`);
  const count = (name: string) => found.get(`cluster.${peer}.${name}`) ?? 0;
  const calls = count('upstream_rq_completed');
  return { attempts: calls + count('upstream_rq_retry'), calls };
}

/** How often the gateway has asked for the keys that verify tokens and got them, or did not. */
export async function keyFetches(outcome: 'success' | 'failed'): Promise<number> {
  const found = await counters('gateway', `jwks_fetch_${outcome}`);
  return [...found.values()].reduce((sum, count) => sum + count, 0);
}

/** Runtime keys of faults that an Envoy reports. */
export async function faultKeys(of: string): Promise<readonly string[]> {
  const response = await fetch(`${mesh.admin(of)}/runtime`, { signal: AbortSignal.timeout(5000) });
  const { entries }: { entries: Record<string, unknown> } = JSON.parse(await response.text());
  return Object.keys(entries).filter((key) => key.startsWith('fault.'));
}

/** One line of a log that is JSON. */
export type LogLine = Readonly<Record<string, string | number | null | undefined>>;

/** The lines of a part about a trace. */
export async function linesOf(part: string, traceId: string): Promise<readonly LogLine[]> {
  const lines = (await mesh.logs(part)).split('\n').filter((line) => line.includes(traceId));
  return lines.flatMap((text): LogLine[] => {
    try {
      const line: LogLine = JSON.parse(text);
      return line['trace_id'] === traceId ? [line] : [];
    } catch {
      // cut off by a kill, or still being written
      return [];
    }
  });
}

/** The response flags of an access-log line, in order of name. */
export function flagsOf(line: LogLine): readonly string[] {
  const flags = String(line['response_flags'] ?? '-');
  return flags === '-' ? [] : flags.split(',').sort();
}
