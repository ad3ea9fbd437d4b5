/** The dashboards of Grafana's folder, as committed, with what Prometheus returns for them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDashboard, queriesOf } from '@microshop/grafana/check/queries';
import { drawnOf } from '@microshop/grafana/render/dashboard';
import { filled, rangeUntil } from '@microshop/grafana/render/fill';
import { labelValues } from '@microshop/grafana/render/prometheus';
import type { Range } from '@microshop/grafana/render/series';
import { messageOf } from '@microshop/program-kit/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { notFound } from '@microshop/service-kit';
import type { Static } from 'typebox';
import { unavailable } from '../service/problem.ts';
import type { dashboardQuerySchema } from './dashboard-query.ts';
import type { DashboardData, dashboardListSchema } from './dashboard-schemas.ts';

const folder = path.join(repositoryRoot, 'grafana/dashboards');

/** Traces that are shown of a panel: more would hide each other. */
const mostTraces = 20;

/** The text of each by its uid, which is the name of its file. */
async function committed(): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return new Map(
    await Promise.all(
      files.map(
        async (file) =>
          [path.basename(file, '.json'), await readFile(path.join(folder, file), 'utf8')] as const,
      ),
    ),
  );
}

/** All of them. */
export async function listDashboards(): Promise<Static<typeof dashboardListSchema>> {
  const dashboards = [...(await committed())].map(([uid, text]) => {
    const { title, minutes } = drawnOf(text);
    return { uid, title, minutes, description: parseDashboard(text).description ?? '' };
  });
  return { dashboards };
}

/** One with its data. Throws a problem when there is none of that name, or Prometheus does not answer. */
export async function readDashboard(
  prometheus: string,
  uid: string,
  { minutes, until, choose = '' }: Static<typeof dashboardQuerySchema>,
): Promise<DashboardData> {
  const all = await committed();
  const text = all.get(uid);
  if (text === undefined) {
    throw notFound(`There is no dashboard "${uid}"; there are: ${[...all.keys()].join(', ')}`);
  }
  const range = rangeUntil(until ?? Date.now(), minutes ?? drawnOf(text).minutes);
  const chosen = chosenIn(text, choose);
  try {
    const [{ title, panels, scene }, variables] = await Promise.all([
      filled(text, { prometheus, range, chosen, exemplars: true }),
      readVariables(text, { prometheus, range, chosen }),
    ]);
    return {
      title,
      range,
      events: scene.events.map((event) => ({ ...event, stretches: [...event.stretches] })),
      panels: panels.map(({ panel, series, exemplars = [] }) => ({
        panel,
        series: series.map(({ name, points }) => ({ name, values: points.map(([, value]) => value) })),
        traces: exemplars.toSorted((one, other) => other.value - one.value).slice(0, mostTraces),
      })),
      variables,
    };
  } catch (error) {
    throw unavailable(messageOf(error), error);
  }
}

/** What is chosen: what was asked for, else the one value of a variable that shows no more than one. */
function chosenIn(text: string, choose: string): ReadonlyMap<string, string> {
  const asked = new Map(
    choose.split(',').map((one): [string, string] => {
      const [name = '', value = ''] = one.split(':');
      return [name, value];
    }),
  );
  return new Map(
    parseDashboard(text).templating.list.flatMap((variable): [string, string][] => {
      if (variable.type !== 'query') return [];
      const { name, includeAll, current } = variable;
      const first = includeAll === true ? undefined : current?.value;
      const value = asked.get(name) ?? first;
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

interface Reading {
  readonly prometheus: string;
  readonly range: Range;
  readonly chosen: ReadonlyMap<string, string>;
}

async function readVariables(
  text: string,
  { prometheus, range, chosen }: Reading,
): Promise<DashboardData['variables']> {
  const dashboard = parseDashboard(text);
  // the list of callers is not filtered by the chosen caller
  const queries = queriesOf(dashboard);
  return await Promise.all(
    dashboard.templating.list.flatMap((variable) => {
      const query = queries.find(({ name }) => name === `${dashboard.uid} / $${variable.name}`);
      if (variable.type !== 'query' || query?.labelValuesOf === undefined) return [];
      const { name, label = variable.name, includeAll: all = false } = variable;
      const asked = { label: query.labelValuesOf, selector: query.expr, range };
      return [
        labelValues(prometheus, asked).then((values) => ({
          ...{ name, label, values, all },
          chosen: chosen.get(name) ?? null,
        })),
      ];
    }),
  );
}
