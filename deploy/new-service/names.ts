/** The names of a new service: whether one is free, and how it is written in code, SQL and addresses. */
import { services } from '@microshop/topology';

/** What is asked for. */
export interface Wanted {
  readonly name: string;
  /** Services it is to call. */
  readonly calls: readonly string[];
}

/** Names of parts, roles, volumes and images that are no service's. */
export const reservedNames: readonly string[] = [
  ...['gateway', 'control', 'mesh', 'lab', 'k6', 'runner'],
  ...['postgres', 'rabbitmq', 'redis', 'jaeger', 'prometheus', 'grafana'],
  ...['audit', 'authority', 'edge', 'template0', 'template1'],
];

/** What other parts of a pod and of a replica are called. */
const ofPods = /-(pod|sidecar|\d+)$/;

/** A label of DNS (RFC 1035) that leaves room for `-sidecar` after it. */
const label = /^[a-z]([a-z0-9-]{0,53}[a-z0-9])?$/;

/** What is wrong with it, each with the field and the fix; empty when nothing is. */
export function problemsOf({ name, calls }: Wanted): string[] {
  const known: readonly string[] = services.map((service) => service.name);
  const unknown = calls.filter((callee) => !known.includes(callee));
  return [
    ...nameProblems(name, known),
    ...unknown.map((callee) =>
      callee === name
        ? `--calls names ${callee} itself; leave it out`
        : `--calls names "${callee}", which is not a service; choose from ${known.join(', ')}`,
    ),
  ];
}

function nameProblems(name: string, known: readonly string[]): string[] {
  if (!label.test(name)) {
    return [
      `name "${name}" is not a DNS label: use a to z, 0 to 9 and -, a letter first and no - last, 55 at most, as in "reviews"`,
    ];
  }
  if (known.includes(name)) return [`name "${name}" is taken: it is a service already; choose another`];
  if (reservedNames.includes(name)) {
    return [`name "${name}" is taken by a part of the mesh; choose another`];
  }
  if (ofPods.test(name)) {
    return [`name "${name}" ends like a part of a pod; choose one without ${name.replace(/.*-/, '-')}`];
  }
  return [];
}

/** A name in the forms that the template needs. */
export interface Names {
  /** `price-alerts`: of the service, its folder, its route. */
  readonly name: string;
  /** `Price alerts` */
  readonly title: string;
  /** `price_alerts`: its table. */
  readonly table: string;
  /** `PriceAlerts`, `PriceAlert`, `priceAlert`: in code. */
  readonly Things: string;
  readonly Thing: string;
  readonly thing: string;
  /** `A price alert` */
  readonly aThing: string;
  /** `price-alert`: a file about one of them. */
  readonly thingFile: string;
  /** `price_alert`: before `_id` in JSON and SQL. */
  readonly field: string;
}

/** The forms of a name that {@link problemsOf} finds nothing wrong with. */
export function namesOf(name: string): Names {
  const words = name.split('-').filter((word) => word !== '');
  const one = [...words.slice(0, -1), singular(words.at(-1) ?? '')];
  const Thing = one.map(capitalized).join('');
  return {
    name,
    title: capitalized(words.join(' ')),
    table: words.join('_'),
    Things: words.map(capitalized).join(''),
    Thing,
    thing: `${Thing.slice(0, 1).toLowerCase()}${Thing.slice(1)}`,
    aThing: `${/^[aeiou]/.test(name) ? 'An' : 'A'} ${one.join(' ')}`,
    thingFile: one.join('-'),
    field: one.join('_'),
  };
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** One of what a plural names, by the plainest rule of English; a word without a plural stays as it is. */
function singular(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word;
  return word.replace(/ies$/, 'y').replace(/s$/, '');
}
