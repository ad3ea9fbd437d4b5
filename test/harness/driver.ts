/** What a test can do to a mesh besides talking to its gateway. */
import type { KeyPair, TlsMaterial } from '@microshop/envoy/testing/certificates.ts';
import type { Address, Identity, ServiceName } from '@microshop/topology';

/** What a command said. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run of a k6 scenario came to. */
export interface LoadResult extends CommandResult {
  /**
   * Directory of this machine that holds what the run left (`report.html`, `ledger.jsonl`, `summary.json`); absent when it
   * did not come to a summary.
   */
  readonly directory: string | undefined;
}

/** The inside of the mesh, opened for a test. */
export interface Inside {
  /** Where this machine reaches the inbound listener of a service; TLS ends at that listener. */
  inbound(service: ServiceName): Address;
  /** What an identity shows and trusts. */
  certificate(identity: Identity): Promise<TlsMaterial>;
  /** The authority that signs the certificates, with its key. */
  authority(): Promise<KeyPair>;
  /** Gives every identity a new certificate at once, as the control service does when it is time. */
  renewCertificates(): Promise<void>;
  /** The same with the certificate that clients are shown. */
  renewEdgeCertificate(): Promise<void>;
  /** Takes away what was needed to get there. */
  close(): Promise<void>;
}

/** A running mesh. */
export interface Mesh {
  readonly mode: 'native' | 'compose';
  /** What verifies the certificate of a gateway that authenticates clients, PEM. */
  gatewayTrust(): Promise<string>;
  /** Opens a way to what only pods and the control service reach; the caller closes it. */
  inside(): Promise<Inside>;
  /** Addresses, `http://host:port`; that of a gateway that authenticates clients begins with `https:`. */
  readonly gateway: string;
  readonly jaeger: string;
  readonly control: string;
  readonly prometheus: string;
  /** Address of the broker, `amqp://host:port`. */
  readonly amqp: string;
  /** The management API of the broker, `http://host:port`. */
  readonly brokerManagement: string;
  /** Address of PostgreSQL on this machine. */
  readonly postgres: { readonly host: string; readonly port: number };
  /** Address of Redis on this machine. */
  readonly redis: { readonly host: string; readonly port: number };
  /** A password of the mesh: of a role of PostgreSQL (`postgres` is the superuser), `rabbitmq`, or `redis`. */
  secret(name: string): Promise<string>;
  /** The file of the keys that sign the tokens of clients; of a mesh that authenticates them. */
  signingKeys(): Promise<string>;
  /** Address of an Envoy's admin: `gateway`, `users`, `products`, `orders`. */
  admin(of: string): string;
  /** Stops a part in an orderly way; it is not restarted. */
  stop(part: string): Promise<void>;
  /** Starts a part; resolves when it is healthy. */
  start(part: string): Promise<void>;
  /** Ends a part at once, as a crash would; the runner starts it again. */
  kill(part: string): Promise<void>;
  /** Runs RabbitMQ's own command on the broker. */
  rabbitmqctl(args: readonly string[]): Promise<void>;
  /** Names of the parts that are not healthy now. */
  unwell(): Promise<string[]>;
  /** Ends a part at once and does not wait; the runner starts it again. */
  killNow(part: string): Promise<void>;
  /**
   * Arms a failpoint in a part (see `packages/events/src/failpoint.ts`): `crash` ends the process the next time it comes
   * by, `fail` makes it fail each time, `off` disarms. Needs a mesh that was started with `MESH_LAB=1`.
   */
  failpoint(part: string, name: string, action: 'crash' | 'fail' | 'off'): Promise<void>;
  /** Whether a failpoint is armed: `crash` is not any more, once it has ended the process. */
  armed(part: string, name: string): Promise<boolean>;
  /** Resolves when every part is healthy. */
  healthy(): Promise<void>;
  /** Runs the mesh command, in compose in a container of its service; with that standard input. */
  cli(args: readonly string[], input?: string): Promise<CommandResult>;
  /** Runs it on this machine in both modes: for what needs the parts' processes and their logs. */
  hostCli(args: readonly string[]): Promise<CommandResult>;
  /**
   * Runs a k6 scenario, as a person would in that mode: `./mesh load <scenario>` natively, `docker compose run --rm k6
   * <scenario>` in compose. `settings` are environment variables of the script (`RATE`, `DURATION`, `P95_MS`, `VUS`, …).
   * The code is 0 PASS, 1 FAIL, 2 wrong usage, 3 INVALID; the summary is on standard output. Never rejects for a code.
   */
  load(scenario: string, settings?: Readonly<Record<string, string>>): Promise<LoadResult>;
  /** Starts the mesh command and returns what kills it (SIGKILL). */
  startCli(args: readonly string[]): () => void;
  /** The same on this machine. */
  startHostCli(args: readonly string[]): () => void;
  /** The token that lets one change something through the control service. */
  token(): Promise<string>;
  /** What a part has written so far. */
  logs(part: string): Promise<string>;
  /** Runs one query as the read-only audit role. */
  sql<Row = Record<string, unknown>>(
    database: string,
    text: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
  /** Holds a table of a service's database locked, so that every query on it waits, for the length of the work. */
  locked<T>(service: ServiceName, table: string, work: () => Promise<T>): Promise<T>;
  /** Tries to connect to a database as the role of a service; the error's SQLSTATE, or `connected`. */
  connectAs(role: string, database: string): Promise<string>;
}
