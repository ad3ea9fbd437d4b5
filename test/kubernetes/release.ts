/** The chart installed in a cluster: with its volumes and certificates, and the shop that clients reach. */

import { once } from 'node:events';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { execa } from 'execa';
import { tag } from '../runner/cluster-images.ts';
import { chart } from './helm.ts';

/** Namespace of the shop. */
export const namespace = 'microshop';

const release = 'shop';

/** What keeps something on a volume. */
export const stores = ['control', 'postgres', 'rabbitmq', 'prometheus'] as const;

/** Runs `kubectl` in the cluster; its standard output. Throws when it fails. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return (await execa('kubectl', args)).stdout;
}

/** An installation. */
export interface Release {
  /** Runs Helm about it; its standard output. Throws when it fails. */
  helm(command: string, ...args: readonly string[]): Promise<string>;
  /** Runs `kubectl` in its namespace. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Runs the command in the pod of the control service; what it printed, and its exit code. */
  mesh(...words: readonly string[]): Promise<{
    readonly stdout: string;
    readonly stderr: string;
    readonly exitCode: number | undefined;
  }>;
  /** Runs a program (`node …`) in a container of a pod with that standard input; its standard output. Throws when it fails. */
  inPod(pod: string, container: string, args: readonly string[], input: string): Promise<string>;
  /** A way to the shop from this machine. */
  forward(): Promise<{ readonly url: string; close(): Promise<void> }>;
}

/** Arguments of an installation or an upgrade. */
export const chosen: readonly string[] = [
  // the DNS of the cluster under test keeps no longer
  ...['--set', 'dnsCacheSeconds=5'],
  ...['--set', `image.tag=${tag}`, '--set', 'image.pullPolicy=Never'],
  ...stores.flatMap((name) => ['--set', `${name}.volume.storageClass=of-the-test`]),
];

/** Creates or changes an object. */
async function apply(object: object): Promise<void> {
  await execa('kubectl', ['apply', '--filename', '-'], { input: JSON.stringify(object) });
}

/** The namespace, in which only restricted pods may run. */
export async function prepareNamespace(): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
}

/** Volumes for what needs some. */
export async function prepareVolumes(volumes: string): Promise<void> {
  for (const name of stores) {
    const directory = path.join(volumes, name);
    await mkdir(directory);
    // each server has a user of its own
    await chmod(directory, 0o777);
    await apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'of-the-test',
        hostPath: { path: directory },
      },
    });
  }
}

/** The release, installed or not. */
export function releaseBy(helm: string): Release {
  return {
    kubectl: (...args) => kubectl('--namespace', namespace, ...args),
    helm: async (command, ...args) => {
      const about = [command, release, ...(/^(install|upgrade)$/.test(command) ? [chart] : [])];
      const { stdout } = await execa(helm, [...about, '--namespace', namespace, ...args], {});
      return stdout;
    },
    mesh: async (...words) => {
      const command = ['exec', 'control-0', '--', 'node', 'cli/src/main.ts', ...words];
      const { stdout, stderr, exitCode } = await execa('kubectl', ['--namespace', namespace, ...command], {
        reject: false,
      });
      return { stdout, stderr, exitCode };
    },
    inPod: async (pod, container, args, input) => {
      const command = ['exec', '--stdin', pod, '--container', container, '--', 'node', ...args];
      return (await execa('kubectl', ['--namespace', namespace, ...command], { input })).stdout;
    },
    forward: async () => {
      const port = await freePort();
      const running = execa(
        'kubectl',
        ['--namespace', namespace, 'port-forward', 'service/shop', `${port}:80`],
        { reject: false, stdio: 'ignore' },
      );
      const url = `http://127.0.0.1:${port}`;
      const close = async (): Promise<void> => {
        running.kill();
        await running;
      };
      try {
        await eventuallyDespiteErrors(
          'the shop is reached',
          async () => (await fetch(`${url}/api/products`)).ok,
          60_000,
        );
      } catch (error) {
        await close();
        throw error;
      }
      return { url, close };
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
