/** Which metrics the dashboards and the rules ask for. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { emptyWhenWell, metricsOf, parseDashboard, queriesOf } from '@microshop/grafana';
import { ruleGroups } from '@microshop/observability';
import { repositoryRoot } from '@microshop/program-kit/run-directory';

const dashboards = path.join(repositoryRoot, 'grafana/dashboards');

/** Selects by a pattern of names instead of a name. */
const namePattern = /__name__=~"((?:[^"\\]|\\.)*)"/g;

/** Series that are asked for. */
export interface Used {
  /** Those that are asked for by name. */
  readonly names: ReadonlySet<string>;
  /** Whether the series of that name is asked for, by name or by a pattern of names. */
  has(name: string): boolean;
}

/**
 * By the committed dashboards and the rules. Queries that are empty while all is well do not count, nor do those that need a mode of
 * the mesh: the page is written from one without.
 */
export function usedMetrics(): Used {
  const ofDashboards = readdirSync(dashboards).flatMap((file) =>
    queriesOf(parseDashboard(readFileSync(path.join(dashboards, file), 'utf8')))
      .filter(({ name, needs }) => needs === undefined && !emptyWhenWell.has(name))
      .map(({ expr }) => expr),
  );
  const ofRules = ruleGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  return askedFor([...ofDashboards, ...ofRules]);
}

/** By those queries. */
export function askedFor(queries: readonly string[]): Used {
  const names = new Set(queries.flatMap(metricsOf));
  const patterns = queries.flatMap((query) =>
    [...query.matchAll(namePattern)].map(([, pattern]) => new RegExp(`^(?:${pattern})$`)),
  );
  return {
    names,
    has: (name) => names.has(name) || patterns.some((pattern) => pattern.test(name)),
  };
}
