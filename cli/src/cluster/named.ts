/** The options that name a cluster: `./mesh --context lab status`. They stand before the command. */
import { clusterVariables, inContainers } from '@microshop/program-kit/typed-here';
import { Option } from 'commander';
import { UsageError } from '../output/errors.ts';

/** What was typed before the command. */
interface ClusterOptions {
  readonly context?: string;
  readonly namespace?: string;
}

/** The options; a command in a container is about the mesh that it is a part of. */
export function clusterOptions(env: NodeJS.ProcessEnv = process.env): Option[] {
  const hidden = inContainers(env);
  return [
    new Option(
      '--context <name>',
      'the mesh that the chart has installed in the cluster of that context of the kubeconfig',
    ),
    new Option('--namespace <name>', 'its namespace there (default: that of the context)'),
  ].map((option) => option.hideHelp(hidden));
}

/**
 * Has the rest of this process mean that cluster, in what it asks and in what it says. Throws `UsageError` for a namespace
 * without a cluster, and in a container.
 */
export function nameCluster({ context, namespace }: ClusterOptions, env = process.env): void {
  if (context !== undefined && inContainers(env)) {
    throw new UsageError('--context names a cluster from your machine; this container has its own mesh');
  }
  if (context === '') throw new UsageError('--context needs the name of a context of the kubeconfig');
  const named = context ?? env[clusterVariables.context];
  if (namespace !== undefined && (named === undefined || named === '')) {
    throw new UsageError('--namespace goes with --context, which names the cluster');
  }
  if (context !== undefined) {
    env[clusterVariables.context] = context;
    // the namespace of another cluster would be a guess
    if (namespace === undefined) delete env[clusterVariables.namespace];
  }
  if (namespace !== undefined) env[clusterVariables.namespace] = namespace;
}

/** Commander's message about an option that is not known where it was typed, with the place of these. */
export function withPlace(text: string): string {
  const [, option] = /unknown option '(--context|--namespace)/.exec(text) ?? [];
  return option === undefined
    ? text
    : `${text}${option} stands before the command: ./mesh --context <name> …\n`;
}
