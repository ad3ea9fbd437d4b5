/** What Grafana reads. The files are committed, so that compose needs no Node; `npm run generate` writes them. */
import { composePlacement } from '@microshop/topology';
import { stringify } from 'yaml';
import { buildDashboards } from './dashboards/index.ts';
import { datasourcesFile } from './datasources.ts';

/** Where `start.sh` puts the dashboards. */
const dashboardsInContainer = '/tmp/dashboards';

/** Nothing of a kind; Grafana logs an error where its directory is missing. */
function emptyFile(content: object = {}): string {
  return stringify({ apiVersion: 1, ...content });
}

function providersFile(): string {
  return stringify({
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
  });
}

/** Texts by file of the checkout. */
export function grafanaFiles(): ReadonlyMap<string, string> {
  const file = (name: string): string => `grafana/${name}`;
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
