/** Definitions that others publish, in the cluster for a while, and what its API server says about resources of their kinds. */
import { execa } from 'execa';
import { kubectl, namespace } from './release.ts';

/** Does something while the cluster has the definitions of these files. */
export async function withDefinitions(files: readonly string[], work: () => Promise<void>): Promise<void> {
  const named = files.flatMap((file) => ['--filename', file]);
  try {
    await kubectl('create', ...named);
    await kubectl('wait', '--for=condition=Established', '--timeout=60s', ...named);
    await work();
  } finally {
    await kubectl('delete', '--ignore-not-found', '--wait=false', ...named);
  }
}

/** Resources as one document. */
export function listOf(items: readonly unknown[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** What an API server said about resources. */
export interface Said {
  /** A line for each that it accepts. */
  readonly accepted: readonly string[];
  /** What is wrong with the others; empty where nothing is. */
  readonly refused: string;
}

/**
 * What the API server says is wrong with a resource, or `undefined`. It is asked without `kubectl apply`, which checks by itself what it knows
 * the definition of, and then asks nobody.
 */
export async function refusalOf(resource: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  const { apiVersion, kind } = resource;
  const plural = `${String(kind).toLowerCase()}s`;
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`;
  const { stderr, failed } = await execa('kubectl', ['create', '--raw', path, '--filename', '-'], {
    input: JSON.stringify(resource),
    reject: false,
  });
  return failed ? stderr : undefined;
}

/** Has the API server check resources (YAML or JSON) as those that it keeps, and refuse fields that it does not know. It keeps none. */
export async function tryOut(resources: string, ...further: readonly string[]): Promise<Said> {
  const words = ['apply', '--dry-run=server', '--validate=strict', ...further, '--filename', '-'];
  const { stdout, stderr, failed } = await execa('kubectl', words, { input: resources, reject: false });
  return {
    accepted: stdout.split('\n').filter((line) => line !== ''),
    refused: failed ? stderr : '',
  };
}
