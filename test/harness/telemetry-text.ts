/** Everything that the mesh has reported about itself, as text: every span of Jaeger, every line of every log. */
import { services } from '@microshop/topology';
import { mesh } from './mesh.ts';

/** Traces of one service that Jaeger is asked for at most. */
const maxTraces = 1500;

/** Whatever writes a log, the servers included. */
export const allParts: readonly string[] = [
  'gateway',
  ...services.flatMap(({ name }) => [name, `${name}-sidecar`]),
  ...['control', 'postgres', 'rabbitmq', 'redis', 'jaeger', 'prometheus'],
];

async function ask<Data>(path: string): Promise<Data> {
  const answer = await fetch(new URL(path, mesh.jaeger), { signal: AbortSignal.timeout(20_000) });
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
  const body: { data: Data } = JSON.parse(await answer.text());
  return body.data;
}

/** A trace, as far as it is looked at here; the rest of it is searched as text. */
interface FoundTrace {
  readonly traceID: string;
}

/**
 * Every trace that began since, of all services, by its id: names, attributes, events and resources as one JSON text.
 * Throws when there may be more than Jaeger gave.
 */
export async function tracesSince(since: Date): Promise<ReadonlyMap<string, string>> {
  const known = await ask<string[]>('/api/services');
  const found = new Map<string, string>();
  for (const service of known) {
    const query = new URLSearchParams({
      service,
      start: `${since.getTime() * 1000}`,
      end: `${Date.now() * 1000}`,
      limit: `${maxTraces}`,
    });
    const traces = await ask<FoundTrace[]>(`/api/traces?${query}`);
    if (traces.length >= maxTraces)
      throw new Error(`${service} has more than ${maxTraces} traces since ${since}`);
    for (const trace of traces) found.set(trace.traceID, JSON.stringify(trace));
  }
  return found;
}

/** What every part has written so far; natively the runner's own log too. */
export async function allLogs(): Promise<ReadonlyMap<string, string>> {
  const parts = mesh.mode === 'native' ? [...allParts, 'runner'] : allParts;
  return new Map(await Promise.all(parts.map(async (part) => [part, await mesh.logs(part)] as const)));
}

/** Which of the secrets (the text, and what it is) stand in which text, in whatever case: `place: what`. */
export function leaks(
  texts: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): readonly string[] {
  const wanted = [...secrets].map(([secret, what]) => [secret.toLowerCase(), what] as const);
  return [...texts].flatMap(([place, text]) => {
    const lower = text.toLowerCase();
    return wanted.flatMap(([secret, what]) => (lower.includes(secret) ? [`${place}: ${what}`] : []));
  });
}
