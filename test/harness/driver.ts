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
  /** PostgreSQL, as somebody on this machine reaches it. */
  readonly postgres: { readonly host: string; readonly port: number };
  /** A password of the mesh: of a role of PostgreSQL (`postgres` is the superuser), or `rabbitmq`. */
  secret(name: string): Promise<string>;
  /** Address of an Envoy's admin: `gateway`, `users`, `products`, `orders`. */
  admin(of: string): string;
  /** Ends a part in order; it stays away. */
  stop(part: string): Promise<void>;
  /** Starts a part; resolves when it is healthy. */
  start(part: string): Promise<void>;
  /** Ends a part at once, as a crash would; the runner starts it again. */
  kill(part: string): Promise<void>;
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
  /** Runs the mesh command. */
  cli(args: readonly string[]): Promise<CommandResult>;
  /** Runs one query as the read-only audit role. */
  sql<Row = Record<string, unknown>>(
    database: string,
    text: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
  /** Tries to connect to a database as the role of a service; the error's SQLSTATE, or `connected`. */
  connectAs(role: string, database: string): Promise<string>;
}
