/** Whose host a name in somebody's file is: one of our own services, or one that the user says stands for it. */
import { type ServiceName, services } from '@microshop/topology';
import { UsageError } from '../output/errors.ts';

/** A host of theirs, and the service here that it stands for. */
interface Mapped {
  readonly ours: ServiceName;
  readonly theirs: string;
}

/** Finds the service that a host stands for. */
export interface Hosts {
  /** `undefined` when it stands for none. */
  serviceOf(host: string): ServiceName | undefined;
  /** What was typed for `--as` and was no name so far. */
  unused(): readonly string[];
}

const names = services.map(({ name }) => name);

/** Reads what `--as` was given: `orders=their-host`. Throws `UsageError`. */
export function hostsOf(typed: readonly string[]): Hosts {
  const mapped = typed.map(mappedOf);
  for (const { ours, theirs } of mapped) {
    const other = mapped.find((one) => isSame(one.theirs, theirs) && one.ours !== ours);
    if (other === undefined) continue;
    throw new UsageError(
      other.theirs === theirs
        ? `--as: ${theirs} cannot stand for ${ours} and for ${other.ours}; leave one out`
        : `--as: ${theirs} (${ours}) and ${other.theirs} (${other.ours}) may be one host; name both in full`,
    );
  }
  const used = new Set<Mapped>();
  return {
    serviceOf(host) {
      const found = mapped.filter(({ theirs }) => isSame(theirs, host));
      for (const one of found) used.add(one);
      return found[0]?.ours ?? names.find((name) => isSame(name, host));
    },
    unused: () => mapped.filter((one) => !used.has(one)).map(({ ours, theirs }) => `${ours}=${theirs}`),
  };
}

function mappedOf(text: string): Mapped {
  const [ours, theirs, ...more] = text.split('=');
  const service = names.find((name) => name === ours);
  if (service === undefined || theirs === undefined || theirs === '' || more.length > 0) {
    throw new UsageError(
      `--as must be a service here and a host of theirs, such as ${names[0]}=their-host, not "${text}"; the services are ${names.join(', ')}`,
    );
  }
  return { ours: service, theirs };
}

/** What Kubernetes puts behind the name of a service: its namespace, and from `svc` on where that is. */
const behind = /^\.[a-z0-9-]+(\.svc(\.[a-z0-9.-]+)?)?$/;

/** Whether both name one service, one of them perhaps in short. */
function isSame(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short === long) return true;
  if (!long.startsWith(`${short}.`)) return false;
  // a short name has no dot; one with a dot is cut where a namespace or a domain ends
  return short.includes('.') || behind.test(long.slice(short.length));
}
