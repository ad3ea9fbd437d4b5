/** How an Envoy of the mesh is started. */

/**
 * Threads that serve requests. One is enough for some thousand requests a second, and shares its connections: with two
 * an order costs more (docs/decisions.md). A fixed number keeps a large machine from starting dozens for four Envoys.
 */
const workers = 1;

/**
 * Arguments of the `envoy` binary for one configuration file. Hot restart is off: the Envoys of a machine then share
 * no memory and need no base ids. Access-log lines are written within a second instead of ten.
 */
export function envoyArguments(file: string): readonly string[] {
  return [
    '--config-path',
    file,
    '--disable-hot-restart',
    '--concurrency',
    String(workers),
    '--file-flush-interval-msec',
    '1000',
  ];
}
