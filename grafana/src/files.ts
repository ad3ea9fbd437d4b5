/** What Grafana reads. The files are committed, so that compose needs no Node; `npm run generate` writes them. */
import { composePlacement, type Placement } from '@microshop/topology';
import { stringify } from 'yaml';
import { buildDashboards } from './dashboards/index.ts';
import { datasourcesFile } from './datasources.ts';

/** Where `start.sh` puts the dashboards in a container of compose. */
export const dashboardsInContainer = '/tmp/dashboards';

/** Nothing of a kind; Grafana logs an error where its directory is missing. */
function emptyFile(content: object = {}): string {
  return stringify({ apiVersion: 1, ...content });
}

function providersFile(dashboards: string): string {
  return stringify({
    apiVersion: 1,
    providers: [
      {
        name: 'microshop',
        folder: 'Microshop Mesh',
        type: 'file',
        allowUiUpdates: false,
        disableDeletion: true,
        options: { path: dashboards },
      },
    ],
  });
}

/** What Grafana is provisioned with, by the kind that names its directory; it finds its dashboards in the directory `dashboards`. */
export function provisioning(placement: Placement, dashboards: string): Readonly<Record<string, string>> {
  return {
    datasources: datasourcesFile(placement),
    dashboards: providersFile(dashboards),
    plugins: emptyFile({ apps: [] }),
    alerting: emptyFile(),
  };
}

/** The dashboards as JSON by their uid, each with that indentation. */
export function dashboardTexts(indent: number): ReadonlyMap<string, string> {
  return new Map(
    buildDashboards().map((dashboard) => [
      dashboard.uid ?? '',
      `${JSON.stringify(dashboard, undefined, indent)}\n`,
    ]),
  );
}

/** Texts by file of the checkout. */
export function grafanaFiles(): ReadonlyMap<string, string> {
  const provisioned = Object.entries(provisioning(composePlacement(), dashboardsInContainer));
  return new Map([
    ...provisioned.map(([kind, text]): [string, string] => [
      `grafana/provisioning/${kind}/microshop.yaml`,
      text,
    ]),
    ...[...dashboardTexts(2)].map(([uid, text]): [string, string] => [
      `grafana/dashboards/${uid}.json`,
      text,
    ]),
  ]);
}
