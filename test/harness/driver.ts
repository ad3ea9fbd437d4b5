/** What a test can do to a mesh besides talking to its gateway. */

/** What a command said. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running mesh. */
export interface Mesh {
  readonly mode: 'native' | 'compose';
  /** Addresses, `http://host:port`. */
  readonly gateway: string;
  readonly jaeger: string;
  readonly control: string;
  readonly prometheus: string;
  /** Address of the broker, `amqp://host:port`. */
  readonly amqp: string;
  /** A password of the mesh: of a role of PostgreSQL, or `rabbitmq`. */
  secret(name: string): Promise<string>;
  /** Address of an Envoy's admin: `gateway`, `users`, `products`, `orders`. */
  admin(of: string): string;
  /** Ends a part in order; it stays away. */
  stop(part: string): Promise<void>;
  /** Starts a part; resolves when it is healthy. */
  start(part: string): Promise<void>;
  /** Ends a part at once, as a crash would; the runner starts it again. */
  kill(part: string): Promise<void>;
  /** Runs the mesh command. */
  cli(args: readonly string[]): Promise<CommandResult>;
  /** Starts the mesh command and returns what kills it (SIGKILL). */
  startCli(args: readonly string[]): () => void;
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
  /** Tries to connect to a database as the role of a service; the error's SQLSTATE, or `connected`. */
  connectAs(role: string, database: string): Promise<string>;
}
