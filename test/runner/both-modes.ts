/** Which files of `test/e2e` and `test/edge` the group `compose` runs. */

/**
 * Files it leaves out, with the reason. What they look at is code of the services, the Envoys' configuration or the judge:
 * the same files, from the same topology, in both modes. What differs in containers has its tests there: networks and
 * names, secrets, restarts, the servers' versions, the command.
 */
export const nativeOnly: Readonly<Record<string, string>> = {
  'alerts.test.ts': 'the same rules; dashboards.test.ts asks Prometheus there for an alert that fires',
  'api-description.test.ts': 'the services write their descriptions by themselves',
  'away.test.ts':
    'the apps and Envoys answer for what is down; cold-start.test.ts and recovery.test.ts stop servers and pods there',
  'bad-input.test.ts': 'bodies are refused by the services and the same filters of the Envoys',
  'breaker.test.ts': 'the breaker lives in the app; faults.test.ts sets faults in containers',
  'broker-blocked.test.ts':
    'a relay of the checkout talks to the broker; broker-trouble.test.ts asks the broker of the image',
  'cache-entries.test.ts': 'products judges what it reads; cache.test.ts has what Redis itself refuses there',
  'completeness.test.ts': 'the same judge; order.test.ts asks it there',
  'database-start.test.ts': 'opens PostgreSQL with the code of the checkout, in no container',
  'error-table.test.ts':
    'answers and flags come from the same Envoys; policies.test.ts and faults.test.ts run there',
  'experiment.test.ts':
    'the same code judges, and gives the mesh back by the same calls of control; experiment-typed.test.ts runs one there',
  'experiment-verdict.test.ts': 'experiment-typed.test.ts runs the same one there, as it is typed',
  'fault-ends.test.ts':
    'control keeps the ends of faults on its disk; faults.test.ts kills it and a sidecar there',
  'fault-message.test.ts':
    'control publishes and the inbox drops; events.test.ts has duplicates and poison there, tour.test.ts the command',
  'fault-targets.test.ts':
    'control refuses and Envoys choose by the same files; faults.test.ts sets and ends faults there',
  'idempotency.test.ts': 'keys live in orders and its database',
  'labels.test.ts': 'names and labels are chosen by the same code; metrics.test.ts bounds the series there',
  'logs-without-jaeger.test.ts':
    'the same command asks nobody for a trace; logs.test.ts reads the logs of the engine there',
  'many-orders.test.ts':
    'the same apps and Envoys take them; order.test.ts and load.test.ts place orders there',
  'no-secrets.test.ts':
    'the services write spans and logs; logs.test.ts and secrets.test.ts search what containers wrote',
  'order-metrics.test.ts': 'the services count by themselves; dashboards.test.ts asks for the series there',
  'overload.test.ts': 'load is shed by the same filters and limits',
  'pictures.test.ts': 'the same program draws from the same answers of Jaeger and Prometheus',
  'policies-under-load.test.ts':
    'Envoys take other files without losing a call by the same code; policies.test.ts changes policies there, mutual-tls.test.ts certificates under load',
  'policy-files.test.ts':
    'control checks a file and applies it whole; policies.test.ts applies one there, from standard input',
  'policy-refusals.test.ts': 'control refuses; policies.test.ts changes policies there',
  'policy-travel.test.ts':
    'the command writes and reads files of other meshes by itself; policies.test.ts applies a file there',
  'retries.test.ts': 'attempts are counted by the same Envoys',
  'search.test.ts':
    'kills processes, which containers do not give it power over; the rest of a schedule is set as experiment-typed.test.ts has it',
  'search-killed.test.ts':
    'kills processes, which containers do not give it power over; faults.test.ts has faults there that end without their command',
  'stock.test.ts': 'stock lives in products and its database',
  'timeouts.test.ts': 'limits are those of the same Envoys and apps',
  'unanswered.test.ts': 'orders marks repeated answers itself; order.test.ts asks the judge there',
};

/**
 * Files of `test/edge` that it runs as well, on the same containers with `MESH_EDGE_AUTH=1`: there the keys are in a volume, and users
 * stops as a container does. Which key signs when is up to the same code of the control service, limits and pages to the same filters.
 */
export const edgeInContainers: readonly string[] = ['access', 'keys-kept'].map(
  (name) => `test/edge/${name}.test.ts`,
);
