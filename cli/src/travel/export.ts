/** What is in effect, in the words of another mesh: its documents, and the loss report. */

import { recordsWith } from '@microshop/control/changes/policy-values';
import type { PolicyAnswer, PolicyRecord } from '@microshop/control/changes/schemas';
import { policiesOf } from '@microshop/control/changes/store';
import { toYaml } from '@microshop/envoy';
import { edgeNamed, type MeshPolicies } from '@microshop/topology';
import { UsageError } from '../output/errors.ts';
import { wantedOf } from '../policies/write-file.ts';
import { envoyExport } from './envoy.ts';
import type { Exported, Exporter } from './exported.ts';
import { gatewayApiExport } from './gateway-api.ts';
import { istioExport } from './istio.ts';
import type { Loss } from './losses.ts';

/** Meshes that policies can be written for. */
export const targets = { istio: istioExport, 'gateway-api': gatewayApiExport, envoy: envoyExport } as const;

/** Name of such a mesh. */
export type TargetName = keyof typeof targets;

/** Their names, for people. */
export const targetNames = Object.keys(targets).join(', ');

function isTarget(name: string): name is TargetName {
  return Object.hasOwn(targets, name);
}

/** The target of that name. Throws `UsageError` when there is none. */
export function targetOf(name: string): { readonly name: TargetName; readonly write: Exporter } {
  if (isTarget(name)) return { name, write: targets[name] };
  throw new UsageError(`--for must be one of ${targetNames}, not "${name}"`);
}

/** What the control service reports of policies, as changes beside the topology. */
export function recordsOf(answers: readonly PolicyAnswer[]): PolicyRecord[] {
  return recordsWith([], wantedOf(answers));
}

/** The same as policies. They need not fit together: a comparison may have let them. */
export function policiesIn(answers: readonly PolicyAnswer[]): MeshPolicies {
  return policiesOf(recordsOf(answers), false);
}

/** The loss report, for programs. */
export interface LossReport {
  readonly for: TargetName;
  readonly losses: readonly Loss[];
  /** What must be so where the files are applied, a sentence each. */
  readonly assumes: readonly string[];
}

/** The report of an export. */
export function lossReport(name: TargetName, { losses, assumes }: Exported): LossReport {
  return { for: name, losses, assumes };
}

/** The documents as one stream of YAML, a comment above each. */
export function exportText({ documents }: Exported): string {
  return documents.map(({ says, document }) => `# ${says}\n${toYaml(document)}`).join('---\n');
}

/** The documents as one of JSON: for `kubectl` a list, for Envoy a configuration for each caller. */
export function exportJson(name: TargetName, { documents }: Exported): object {
  const items = documents.map(({ document }) => document);
  return name === 'envoy' ? { configurations: items } : { apiVersion: 'v1', kind: 'List', items };
}

/** The report in words, a line for each value that is lost. */
export function lossLines({ for: name, losses, assumes }: LossReport): string[] {
  return [
    `Lost on the way to ${name}:`,
    ...losses.flatMap(({ name: what, why, where }) => [
      `  ${what}: ${why}`,
      ...where.map(({ caller, callee, value }) => {
        const call = caller === null ? `every caller → ${callee}` : edgeNamed({ caller, callee });
        return `    ${call}${value === null ? '' : `: ${value}`}`;
      }),
    ]),
    'Assumed where it is applied:',
    ...assumes.map((sentence) => `  ${sentence}`),
  ];
}
