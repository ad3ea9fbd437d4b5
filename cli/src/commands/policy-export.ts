/** `./mesh policy export`: the policies in effect as a file, ours or that of another mesh. */
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { UsageError } from '../output/errors.ts';
import { print, printJson, progress, reportJson } from '../output/output.ts';
import { failUnlessInEffect } from './policy-in-effect.ts';

interface Options {
  readonly json?: boolean;
  readonly for?: string;
  readonly loss?: string;
  readonly namespace?: string;
}

/** As `apply` takes it. */
async function exportOwn(json: boolean): Promise<void> {
  const list = await (await runningControl()).policies();
  // imported on demand: no other command writes YAML
  const { policyFileText, wantedOf } = await import('../policies/write-file.ts');
  const policies = wantedOf(list.policies);
  if (json) printJson({ policies });
  else print(...policyFileText(policies).trimEnd().split('\n'));
  await failUnlessInEffect(list);
}

/** In the words of another mesh; what those cannot say goes into a report. */
async function exportFor(name: string, { json = false, loss, namespace }: Options): Promise<void> {
  const travel = await import('../travel/export.ts');
  const { usualNamespace } = await import('../travel/names.ts');
  const target = travel.targetOf(name);
  if (loss !== undefined && inContainers()) {
    throw new UsageError(
      'A container cannot write your files: leave --loss out; the report goes to standard error',
    );
  }
  const control = await runningControl();
  const list = await control.policies();
  const inEffect = { policies: travel.policiesIn(list.policies), faults: await control.faults() };
  const exported = target.write(inEffect, namespaceOf(namespace ?? usualNamespace));
  const report = travel.lossReport(target.name, exported);
  if (json) printJson(travel.exportJson(target.name, exported));
  else print(...travel.exportText(exported).trimEnd().split('\n'));
  if (loss !== undefined) await (await import('../travel/report.ts')).writeReport(loss, report);
  else if (process.stderr.isTTY) for (const line of travel.lossLines(report)) progress(line);
  else reportJson(report);
  await failUnlessInEffect(list);
}

/** The name as Kubernetes takes it. Throws `UsageError`. */
function namespaceOf(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new UsageError(
    `--namespace must be 1 to 63 lowercase letters, digits and dashes, with no dash at an end, not "${text}"`,
  );
}

const help = `
Without --for it prints what apply takes. With --for, what that mesh cannot express is reported: as
JSON into the file of --loss; else on standard error, in words where that is a terminal.

Examples:
  ./mesh policy export > mine.yaml
  ./mesh policy export --for istio --loss loss.json > istio.yaml`;

/** Adds the subcommand. */
export function registerPolicyExport(policy: Command): void {
  policy
    .command('export')
    .description('print the policies in effect as a file (YAML), for this mesh or another kind')
    .option('--for <mesh>', 'istio, gateway-api, envoy')
    .option('--loss <file>', 'where to write what that mesh cannot express (JSON)')
    .option('--namespace <name>', 'namespace in the files (default: microshop)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { for: name, loss, namespace, json = false } = options;
      if (name !== undefined) return await exportFor(name, options);
      for (const [option, value] of Object.entries({ loss, namespace })) {
        if (value !== undefined) throw new UsageError(`--${option} goes with --for`);
      }
      await exportOwn(json);
    });
}
