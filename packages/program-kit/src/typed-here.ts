/**
 * The command in a container: `docker compose run --rm mesh …`, or `kubectl exec control-0 -- …`. It reaches the mesh over the
 * network only: the host, or the cluster, starts and stops the containers, and keeps their output. The same holds on the host
 * for a mesh in a cluster (`./mesh --context …`), but for the output. What it says names every command as it is typed there.
 */
import { identities } from '@microshop/topology';

/** A command that cannot work in a container. */
interface HostCommand {
  /** What does the same on the host, with what stands for its arguments; for a person who has typed the command. */
  readonly instead: string;
  /** What stands in a text in place of `./mesh <command>`, before the same arguments; without it the text stays. */
  readonly typed?: string;
  /** Whether the kind of the part's workload follows that, before the part. */
  readonly withKind?: true;
}

/** How containers are run: by compose, or by Kubernetes. */
export type ContainerMode = 'compose' | 'kubernetes';

/** What is typed for a mesh in containers. */
export interface Words {
  /** How the command is called. */
  readonly command: string;
  readonly hostCommands: Readonly<Record<string, HostCommand>>;
  /** Shows all that runs. */
  readonly list: string;
  /** Shows what a part wrote before it ended. */
  logs(part: string): string;
  /** Starts a part. */
  start(part: string): string;
  /** Where a part is given more memory. */
  readonly memory: string;
}

const hostCommands: Readonly<Record<string, HostCommand>> = {
  up: { instead: 'docker compose up -d --wait', typed: 'docker compose up -d --wait' },
  down: {
    instead: 'docker compose down (with --volumes it forgets the data)',
    typed: 'docker compose down',
  },
  stop: { instead: 'docker compose stop <name>', typed: 'docker compose stop' },
  start: { instead: 'docker compose start <name>', typed: 'docker compose start' },
  restart: { instead: 'docker compose restart <name>', typed: 'docker compose restart' },
  load: { instead: 'docker compose run --rm k6 <scenario>', typed: 'docker compose run --rm k6' },
  logs: {
    instead:
      'docker compose logs <name>; for one order: ./mesh logs --order <id> in the checkout, or docker compose logs | grep <trace id>',
    typed: 'docker compose logs',
  },
  process: { instead: 'docker compose pause <name>, or ./mesh fault process <name> in the checkout' },
  tools: { instead: 'docker compose images' },
  test: { instead: './mesh test compose in the checkout' },
  bench: { instead: './mesh bench in the checkout' },
};

/** What Kubernetes runs a part as: the chart has a Deployment of each identity, and a StatefulSet of every other part. */
function kindOf(part: string): 'deployment' | 'statefulset' {
  return identities.some((identity) => identity === part) ? 'deployment' : 'statefulset';
}

/** A command of `kubectl` about the workload of a part. */
function ofWorkload(typed: string): HostCommand {
  return {
    instead: `${typed} deployment <name>, or statefulset <name> for a server and control`,
    typed,
    withKind: true,
  };
}

const podCommands: Readonly<Record<string, HostCommand>> = {
  up: { instead: 'helm install microshop deploy/helm/microshop', typed: 'helm install' },
  down: { instead: 'helm uninstall microshop', typed: 'helm uninstall' },
  stop: ofWorkload('kubectl scale --replicas=0'),
  start: ofWorkload('kubectl scale --replicas=1'),
  restart: ofWorkload('kubectl rollout restart'),
  load: { instead: './mesh --context <context> load <scenario> in the checkout' },
  logs: {
    instead: 'kubectl logs --selector app.kubernetes.io/name=<name>, with --container envoy for a sidecar',
  },
  process: { instead: 'kubectl delete pod <name>' },
  certificates: { instead: 'kubectl delete pod <name>: the one in its place has a new certificate' },
  tools: { instead: 'kubectl get pods --output wide' },
  test: { instead: './mesh test in the checkout' },
  bench: { instead: './mesh bench in the checkout' },
  experiment: { instead: './mesh experiment in the checkout' },
};

/** Commands that read the mesh in a cluster through a way that ends with them; for `console` that is too early. */
const clusterCommands: Readonly<Record<string, HostCommand>> = {
  ...Object.fromEntries(Object.entries(podCommands).filter(([name]) => !['load', 'logs'].includes(name))),
  up: {
    instead: 'helm install shop deploy/helm/microshop --wait',
    typed: 'helm install shop deploy/helm/microshop --wait',
  },
  down: { instead: 'helm uninstall shop', typed: 'helm uninstall shop' },
  console: {
    instead:
      'kubectl port-forward pod/control-0 8090, and beside it kubectl exec control-0 -- node cli/src/main.ts console',
  },
  test: { instead: './mesh test in the checkout, without --context' },
  bench: { instead: './mesh bench in the checkout, without --context' },
  experiment: { instead: './mesh experiment in the checkout, without --context' },
};

/** What is typed, by how the containers are run. */
export const containerWords: Readonly<Record<ContainerMode, Words>> = {
  compose: {
    command: 'docker compose run --rm mesh',
    hostCommands,
    list: 'docker compose ps -a',
    logs: (part) => `docker compose logs ${part}`,
    start: (part) => `docker compose start ${part}`,
    memory: 'docker-compose.override.yml can raise its mem_limit',
  },
  kubernetes: {
    command: 'kubectl exec control-0 -- node cli/src/main.ts',
    hostCommands: podCommands,
    list: 'kubectl get pods',
    logs: (part) => `kubectl logs --previous --selector app.kubernetes.io/name=${part}`,
    start: (part) => `kubectl scale --replicas=1 ${kindOf(part)} ${part}`,
    memory: 'the values of the chart can raise its limit',
  },
};

/** A cluster that a person names: the mesh in it is meant. */
export interface NamedCluster {
  /** A context of the kubeconfig. */
  readonly context: string;
  /** Undefined: that of the context. */
  readonly namespace: string | undefined;
}

/** Environment variables in which it stands; the options `--context` and `--namespace` set them. */
export const clusterVariables = { context: 'MESH_CONTEXT', namespace: 'MESH_NAMESPACE' } as const;

/** The cluster whose mesh is meant; undefined where none is named. */
export function namedCluster(env: NodeJS.ProcessEnv = process.env): NamedCluster | undefined {
  const { [clusterVariables.context]: context, [clusterVariables.namespace]: namespace } = env;
  if (context === undefined || context === '') return undefined;
  return { context, namespace: namespace === '' ? undefined : namespace };
}

/** Whether the mesh is on Kubernetes, seen from a pod of it or from the host. */
export function onKubernetes(env: NodeJS.ProcessEnv = process.env): boolean {
  return containerMode(env) === 'kubernetes' || (!inContainers(env) && namedCluster(env) !== undefined);
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : JSON.stringify(word);
}

/** What is typed on the host for the mesh in a cluster. */
function clusterWords({ context, namespace }: NamedCluster): Words {
  const within = namespace === undefined ? '' : ` --namespace ${quoted(namespace)}`;
  const flagged = (text: string) =>
    text
      .replaceAll(/\bkubectl /g, `kubectl --context ${quoted(context)}${within} `)
      .replaceAll(/\bhelm /g, `helm --kube-context ${quoted(context)}${within} `);
  const { list, logs, start, memory } = containerWords.kubernetes;
  return {
    command: `./mesh --context ${quoted(context)}${within}`,
    hostCommands: Object.fromEntries(
      Object.entries(clusterCommands).map(([name, command]): [string, HostCommand] => {
        const { instead, typed } = command;
        const named = typed === undefined ? {} : { typed: flagged(typed) };
        return [name, { ...command, instead: flagged(instead), ...named }];
      }),
    ),
    list: flagged(list),
    logs: (part) => flagged(logs(part)),
    start: (part) => flagged(start(part)),
    memory,
  };
}

/** How the container is run in which this process is; undefined where it is none of the mesh's. `MESH_MODE` says it. */
export function containerMode(env: NodeJS.ProcessEnv = process.env): ContainerMode | undefined {
  const { MESH_MODE: mode } = env;
  return mode === 'compose' || mode === 'kubernetes' ? mode : undefined;
}

/** Whether this process runs in a container of the mesh. */
export function inContainers(env: NodeJS.ProcessEnv = process.env): boolean {
  return containerMode(env) !== undefined;
}

/** What is typed for the container in which this process is, or for the cluster that is named; undefined where it is neither. */
export function wordsHere(env: NodeJS.ProcessEnv = process.env): Words | undefined {
  const mode = containerMode(env);
  if (mode !== undefined) return containerWords[mode];
  const cluster = namedCluster(env);
  return cluster && clusterWords(cluster);
}

/** How a person calls the command here. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  return wordsHere(env)?.command ?? './mesh';
}

/** `./mesh`, unless it is said to be typed in the checkout, on the host, or names a cluster already. */
const written =
  /\.\/mesh(?!\s+--context\b)(?: ([a-z]+)(?: process\b)?)?(?![^;,]{0,80}?\sin\s+the\s+checkout)/g;

/** A text with each `./mesh …` in it as it is typed for a mesh in containers. */
export function typedForContainers(text: string, mode: ContainerMode): string {
  return typedIn(text, containerWords[mode]);
}

function typedIn(text: string, { command, hostCommands: elsewhere }: Words): string {
  return text.replaceAll(written, (found, word: string | undefined, at: number) => {
    const host = elsewhere[found.endsWith(' process') ? 'process' : (word ?? '')];
    if (host === undefined) return found.replace('./mesh', command);
    if (host.typed === undefined || host.withKind === undefined) return host.typed ?? found;
    const [, part] = /^\s+([a-z-]+)/.exec(text.slice(at + found.length)) ?? [];
    // a text about any part has `<name>` here
    return `${host.typed} ${part === undefined ? 'deployment' : kindOf(part)}`;
  });
}

/** `./mesh <command>` without the number of a mesh before it; a text that was folded may have a line's end between them. */
const withoutInstance = /(?<!MESH_INSTANCE=\d\s+)\.\/mesh(?= [a-z])/g;

/**
 * A text for people with each command in it as it is typed here: in a container, or for a cluster, the ones that work there,
 * natively about the mesh of `MESH_INSTANCE` also in a shell that does not have the variable.
 */
export function typedHere(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const words = wordsHere(env);
  if (words !== undefined) return typedIn(text, words);
  const { MESH_INSTANCE: instance = '' } = env;
  if (instance === '1' || !/^\d$/.test(instance)) return text;
  return text.replaceAll(withoutInstance, `MESH_INSTANCE=${instance} ./mesh`);
}

/** Help, or another text about any mesh, with each command in it as it is typed here. */
export function helpHere(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const mode = containerMode(env);
  return mode === undefined ? text : typedForContainers(text, mode);
}

/** Whether the command of that name can do its work here; a command of commands can. */
export function worksHere(command: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return wordsHere(env)?.hostCommands[command] === undefined;
}

/** What does the same on the host, of a command that cannot work in a container or on a cluster; undefined where it can work here. */
export function insteadHere(command: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return wordsHere(env)?.hostCommands[command]?.instead;
}
