/** `./mesh policy import`: somebody's Istio resources as a file of policies. */

import type { PolicyRecord } from '@microshop/control/changes/schemas';
import { readChanges } from '@microshop/control/changes/store';
import { jsonText } from '@microshop/program-kit/json-file';
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Command } from 'commander';
import { controlUnlessStopped } from '../mesh/running-mesh.ts';
import { meshSettings } from '../mesh/settings.ts';
import { UsageError } from '../output/errors.ts';
import { print, printJson, progress } from '../output/output.ts';

interface Options {
  readonly as?: readonly string[];
  readonly out?: string;
  readonly loss?: string;
  readonly json?: boolean;
}

/** What is in effect beside the topology: of the running mesh, or of one that is stopped as it starts the next time. */
async function recordsInEffect(): Promise<readonly PolicyRecord[]> {
  const control = await controlUnlessStopped();
  if (control === undefined) return (await readChanges(meshSettings().directory.changes)).policyRecords;
  const { recordsOf } = await import('../travel/export.ts');
  return recordsOf((await control.policies()).policies);
}

async function importFile(file: string, { as = [], out, loss, json = false }: Options): Promise<void> {
  if (inContainers() && (out ?? loss) !== undefined) {
    throw new UsageError(
      'A container cannot write your files: leave --out and --loss out, and redirect the output',
    );
  }
  // imported on demand: no other command reads YAML of Kubernetes
  const [{ hostsOf }, { checkTogether, importIstio, importLines, importReport }, { policySource }] =
    await Promise.all([
      import('../travel/hosts.ts'),
      import('../travel/import.ts'),
      import('../policies/read-file.ts'),
    ]);
  const hosts = hostsOf(as);
  const { name, text } = await policySource(file);
  const records = await recordsInEffect();
  const imported = importIstio(text, name, hosts, records);
  if (loss !== undefined) {
    await (await import('../travel/report.ts')).writeReport(loss, importReport(name, imported));
  } else for (const line of importLines(name, imported)) progress(line);
  // last, because a value that stays may be the one that does not fit
  checkTogether(name, imported.policies, records);
  const { policyFileText } = await import('../policies/write-file.ts');
  const { policies } = imported;
  if (out !== undefined) {
    const { writeNamed } = await import('../travel/report.ts');
    await writeNamed(out, json ? jsonText({ policies }) : policyFileText(policies));
  } else if (json) printJson({ policies });
  else print(...policyFileText(policies).trimEnd().split('\n'));
}

const help = `
A call or a field that the file omits stays as it is. What has no equivalent here is listed on
standard error, or as JSON in the file of --loss. Policies that do not fit together: exit code 1.

Example:
  ./mesh policy import theirs.yaml --as orders=their-host > theirs-here.yaml
  ./mesh policy apply theirs-here.yaml`;

/** Adds the subcommand. */
export function registerPolicyImport(policy: Command): void {
  policy
    .command('import')
    .description('print the policies in Istio’s VirtualServices and DestinationRules as a file')
    .argument('<file>', 'YAML or JSON of Istio, as kubectl prints it; - for standard input')
    .option(
      '--as <service=host>',
      'the service here that stands for a host there; can be repeated',
      (text: string, all: string[] = []) => [...all, text],
    )
    .option('-o, --out <file>', 'write the file of policies there')
    .option('--loss <file>', 'where to write what has no equivalent here (JSON)')
    .option('--json', 'write it as one JSON document, which apply takes, too')
    .addHelpText('after', help)
    .action(importFile);
}
