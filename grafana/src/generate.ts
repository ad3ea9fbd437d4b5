/**
 * Writes what Grafana reads: `node grafana/src/generate.ts`. The files are committed, so that compose needs no Node; a
 * test holds them against what this would write.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composePlacement } from '@microshop/topology';
import { stringify } from 'yaml';
import { buildDashboards } from './dashboards/index.ts';
import { datasourcesFile } from './datasources.ts';

/** Where `start.sh` puts the dashboards. */
const dashboardsInContainer = '/tmp/dashboards';

const header = '# Written by @microshop/grafana (generate.ts). Changes here are lost.\n';

/** Nothing of a kind; Grafana logs an error where its directory is missing. */
function emptyFile(content: object = {}): string {
  return `${header}${stringify({ apiVersion: 1, ...content })}`;
}

function providersFile(): string {
  return `${header}${stringify({
    apiVersion: 1,
    providers: [
      {
        name: 'microshop',
        folder: 'Microshop Mesh',
        type: 'file',
        allowUiUpdates: false,
        disableDeletion: true,
        options: { path: dashboardsInContainer },
      },
    ],
  })}`;
}

/** Committed files and their contents. */
export function grafanaFiles(): ReadonlyMap<string, string> {
  const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
  return new Map([
    [file('provisioning/datasources/microshop.yaml'), datasourcesFile(composePlacement())],
    [file('provisioning/dashboards/microshop.yaml'), providersFile()],
    [file('provisioning/plugins/microshop.yaml'), emptyFile({ apps: [] })],
    [file('provisioning/alerting/microshop.yaml'), emptyFile()],
    ...buildDashboards().map((dashboard): [string, string] => [
      file(`dashboards/${dashboard.uid}.json`),
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  ]);
}

if (import.meta.main) {
  for (const [path, text] of grafanaFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`${path}\n`);
  }
}
