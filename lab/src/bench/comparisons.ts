/** What is compared with what. Each is one question: the first side ÷ the second one. */
import { mutantEnvironment } from '../mutants/edits.ts';
import { type Setup, usual } from './setup.ts';

/** What is done to the mesh while it is measured. */
export interface Load {
  /** So many clients, each places its next order when the last was answered; or a rate, the same for both sides. */
  readonly arrivals: { readonly clients: number } | 'rate';
  /** Products that the orders are for, in turn; 1 is a hot one. */
  readonly products: number;
}

/** One of the two that are compared. */
export interface Side {
  readonly name: string;
  /** Folder of the code whose own `./mesh` starts the mesh, as it is usual there; without it `setup` is started of this code. */
  readonly checkout?: string;
  readonly setup: Setup;
  readonly load: Load;
}

/** A comparison, as it is picked with `--only`. */
export interface Comparison {
  readonly name: string;
  /** What it answers. */
  readonly says: string;
  readonly sides: readonly [Side, Side];
}

const full: Load = { arrivals: { clients: 32 }, products: 64 };

const side = (name: string, change: Partial<Setup> = {}, load: Partial<Load> = {}): Side => ({
  name,
  setup: { ...usual, ...change },
  load: { ...full, ...load },
});

const withServices = (name: string, services: Readonly<Record<string, string>>) => side(name, { services });

/** No service has a setting for it: nobody wants it but a measurement. */
const oneByOne = {
  file: 'packages/events/src/relay.ts',
  from: 'batchSize = 100',
  to: 'batchSize = 1',
};

/** The code of a commit; without one, this code as it stands. */
export interface Code {
  readonly commit?: string;
  /** Where its files are. */
  readonly folder: string;
}

/** Whether that is the name of a comparison of two commits, and not of one of {@link comparisons}. */
export function isAgainst(name: string): boolean {
  return /^(?:[0-9a-f]{7}-)?against-[0-9a-f]{7}$/.test(name);
}

/** Whether its orders come at a rate that does not wait for answers. */
export function isOpen({ sides }: Comparison): boolean {
  return sides.some(({ load }) => load.arrivals === 'rate');
}

/** What is typed to measure what is kept under that name, of a comparison or of a set of figures. */
export function commandOf(name: string): string {
  const [before, after] = name.split('against-').reverse();
  if (!isAgainst(name)) return `./mesh bench --only ${name}`;
  return `./mesh bench ${after === '' ? '' : `--of ${after?.slice(0, -1)} `}--against ${before}`;
}

/** The mesh of one code ÷ that of a commit. */
export function againstCommit(now: Code, then: Required<Code>): Comparison {
  const [before, after] = [then.commit.slice(0, 7), now.commit?.slice(0, 7)];
  return {
    name: `${after === undefined ? '' : `${after}-`}against-${before}`,
    says: `the mesh of ${after === undefined ? 'this code' : `commit ${after}`} ÷ of commit ${before}, 32 clients`,
    sides: [
      { ...side(after ?? 'now'), checkout: now.folder },
      { ...side(before), checkout: then.folder },
    ],
  };
}

/** Every comparison, in the order in which they are measured. */
export const comparisons: readonly Comparison[] = [
  ...[1, 8, 32].map((clients): Comparison => {
    const load = { arrivals: { clients } };
    const mesh = side('mesh', {}, load);
    const bare = side('bare', { stack: 'bare' }, load);
    const many = clients === 1 ? '1 client' : `${clients} clients`;
    return { name: `bare-${clients}`, says: `mesh ÷ the same services bare, ${many}`, sides: [mesh, bare] };
  }),
  {
    name: 'bare-open',
    says: 'mesh ÷ the same services bare, at one rate that does not wait for answers',
    sides: [side('mesh', {}, { arrivals: 'rate' }), side('bare', { stack: 'bare' }, { arrivals: 'rate' })],
  },
  {
    name: 'sidecars',
    says: 'mesh ÷ the same without any Envoy; the services trace',
    sides: [side('mesh'), side('no sidecars', { stack: 'no sidecars' })],
  },
  {
    name: 'mutual-tls',
    says: 'pods that show certificates and encrypt ÷ that speak plain HTTP/2',
    sides: [side('mutual TLS'), side('plain', { mutualTls: false })],
  },
  {
    name: 'edge-auth',
    says: 'a gateway that is asked over TLS, and verifies tokens and who may do what ÷ one that lets everybody in',
    sides: [side('tokens', { edgeAuth: true }), side('everybody')],
  },
  {
    name: 'traces',
    says: 'services that make spans ÷ that make none; their instrumentations stay',
    sides: [side('on'), withServices('off', { OTEL_TRACES_EXPORTER: 'none' })],
  },
  {
    name: 'metrics',
    says: 'services that send metrics ÷ that send none',
    sides: [side('on'), withServices('off', { OTEL_METRICS_EXPORTER: 'none' })],
  },
  {
    name: 'telemetry',
    says: 'services with OpenTelemetry ÷ that load nothing of it; the Envoys trace',
    sides: [side('on'), withServices('off', { OTEL_SDK_DISABLED: 'true' })],
  },
  {
    name: 'envoy-tracing',
    says: 'Envoys that make spans ÷ that make none; the services trace',
    sides: [side('on'), side('off', { envoyTracing: false })],
  },
  {
    name: 'all-telemetry',
    says: 'all telemetry ÷ nothing of OpenTelemetry loaded, no Envoy tracing',
    sides: [side('on'), side('off', { services: { OTEL_SDK_DISABLED: 'true' }, envoyTracing: false })],
  },
  {
    name: 'envoy-workers',
    says: 'Envoys with two threads that serve requests ÷ with one',
    sides: [side('2 threads', { envoyWorkers: 2 }), side('1 thread', { envoyWorkers: 1 })],
  },
  {
    name: 'replicas',
    says: 'two replicas of each service ÷ one',
    sides: [side('2 replicas', { replicas: { users: 2, products: 2, orders: 2 } }), side('1 replica')],
  },
  {
    name: 'hot-product',
    says: 'every order for one product ÷ spread over 64',
    sides: [side('hot', {}, { products: 1 }), side('spread')],
  },
  {
    name: 'relay',
    says: 'relays with up to 100 events under way to the broker ÷ with one',
    sides: [side('pipelined'), withServices('one by one', mutantEnvironment([oneByOne]))],
  },
  {
    name: 'many-orders',
    says: 'a million orders in the tables before each run ÷ a thousand',
    sides: [side('1000000', { orders: 1_000_000 }), side('1000', { orders: 1000 })],
  },
];
