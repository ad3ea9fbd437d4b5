/** The cluster of a context of the kubeconfig, and who asks it: whatever the kubeconfig says, as `kubectl` does. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { whyUnreadable } from '@microshop/program-kit/errors';
import type { NamedCluster } from '@microshop/program-kit/typed-here';
import { CommandFailed, UsageError } from '../output/errors.ts';
import type { Place } from './errors.ts';

/** The client as it is loaded: when it is needed, since no other command waits for it. */
export type Client = typeof import('@kubernetes/client-node');

/** A cluster, and a namespace in it. */
export interface Connection extends Place {
  readonly client: Client;
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
}

/** Namespace of a context that names none. */
const usualNamespace = 'default';

async function loadClient(): Promise<Client> {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    throw new CommandFailed('The Kubernetes client is not installed: npm ci in the checkout installs it', {
      cause: error,
    });
  }
}

/** The kubeconfig that `kubectl` would read. Throws `UsageError`; nothing of what is in it is said. */
function readConfig({ KubeConfig }: Client, env: NodeJS.ProcessEnv): KubeConfig {
  const config = new KubeConfig();
  const { KUBECONFIG: named = '' } = env;
  if (named === '' && !existsSync(path.join(homedir(), '.kube/config'))) {
    throw new UsageError('There is no kubeconfig: KUBECONFIG is not set, and ~/.kube/config does not exist');
  }
  const which = named === '' ? '~/.kube/config' : 'KUBECONFIG';
  try {
    config.loadFromDefault();
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error;
    const why = isFile ? whyUnreadable(error) : 'it is not a kubeconfig';
    throw new UsageError(`The kubeconfig of ${which} cannot be read: ${why}`, { cause: error });
  }
  return config;
}

/** Connects to the cluster of that context; nothing is asked yet. Throws `UsageError` for a context that there is not. */
export async function connect(
  { context, namespace }: NamedCluster,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Connection> {
  const client = await loadClient();
  const config = readConfig(client, env);
  const found = config.getContextObject(context);
  if (found === null) {
    const known = config.getContexts().map(({ name }) => name);
    const list = known.length === 0 ? 'it has none' : `its contexts are ${known.join(', ')}`;
    throw new UsageError(`The kubeconfig has no context "${context}"; ${list}`);
  }
  config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) {
    throw new UsageError(`The kubeconfig has no cluster "${found.cluster}", which context ${context} names`);
  }
  return {
    context,
    namespace: namespace ?? found.namespace ?? usualNamespace,
    client,
    config,
    core: config.makeApiClient(client.CoreV1Api),
    apps: config.makeApiClient(client.AppsV1Api),
  };
}
