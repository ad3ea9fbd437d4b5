/** Finds every query of the dashboards, as committed, and makes it one that Prometheus can be asked. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { onlyWithEdgeAuth } from '../panels/modes.ts';
import { allValues } from '../queries/promql.ts';

const targetSchema = Type.Object({
  refId: Type.String(),
  expr: Type.String(),
  legendFormat: Type.String({ minLength: 1 }),
  instant: Type.Optional(Type.Boolean()),
  range: Type.Optional(Type.Boolean()),
});

/** A way out: of the dashboard, or of the points of a panel. */
const linkSchema = Type.Object({
  title: Type.String({ minLength: 1 }),
  type: Type.String(),
  url: Type.Optional(Type.String()),
});

const panelSchema = Type.Object({
  id: Type.Integer(),
  type: Type.String(),
  title: Type.String({ minLength: 1 }),
  description: Type.Optional(Type.String()),
  datasource: Type.Optional(Type.Object({ type: Type.String(), uid: Type.String() })),
  gridPos: Type.Object({ x: Type.Integer(), y: Type.Integer(), w: Type.Integer(), h: Type.Integer() }),
  fieldConfig: Type.Optional(
    Type.Object({
      defaults: Type.Object({
        unit: Type.Optional(Type.String()),
        noValue: Type.Optional(Type.String()),
        thresholds: Type.Optional(
          Type.Object({
            steps: Type.Array(Type.Object({ value: Type.Union([Type.Number(), Type.Null()]) })),
          }),
        ),
        links: Type.Optional(Type.Array(linkSchema)),
      }),
    }),
  ),
  targets: Type.Optional(Type.Array(targetSchema)),
  options: Type.Optional(Type.Object({ textMode: Type.Optional(Type.String()) })),
});

const queryVariableSchema = Type.Object({
  name: Type.String(),
  type: Type.Literal('query'),
  query: Type.Object({ query: Type.String() }),
  /** For people. */
  label: Type.Optional(Type.String()),
  /** Whether all values can be chosen at once. */
  includeAll: Type.Optional(Type.Boolean()),
  /** What is chosen when nobody chooses. */
  current: Type.Optional(Type.Object({ value: Type.Unknown() })),
});

/** A text, such as an address for links; it asks nothing. */
const textVariableSchema = Type.Object({
  name: Type.String(),
  type: Type.Literal('textbox'),
  query: Type.String(),
});

/** The parts of a dashboard's JSON that are looked at; the SDK's types cover the rest. */
export const dashboardSchema = Type.Object({
  uid: Type.String({ pattern: '^[a-z0-9-]+$' }),
  title: Type.String({ minLength: 1 }),
  description: Type.Optional(Type.String()),
  tags: Type.Array(Type.String()),
  links: Type.Array(linkSchema),
  panels: Type.Array(panelSchema),
  templating: Type.Object({
    list: Type.Array(Type.Union([queryVariableSchema, textVariableSchema])),
  }),
  annotations: Type.Object({
    list: Type.Array(Type.Object({ name: Type.String({ minLength: 1 }), expr: Type.String() })),
  }),
});

/** A committed dashboard. */
export type DashboardJson = Static<typeof dashboardSchema>;

/** Reads one. Throws an error that names what does not fit. */
export function parseDashboard(text: string): DashboardJson {
  const value: unknown = JSON.parse(text);
  if (Value.Check(dashboardSchema, value)) return value;
  const [first] = Value.Errors(dashboardSchema, value);
  throw new Error(`dashboard${first?.instancePath ?? ''} ${first?.message ?? 'does not fit its schema'}`);
}

/** Something a dashboard asks Prometheus. */
export interface DashboardQuery {
  /** `shop-overview / Errors / A`, `shop-overview / $caller`, or `shop-overview / @Faults` of an annotation. */
  readonly name: string;
  /** PromQL as Prometheus understands it; of a variable, the selector of the series it looks at. */
  readonly expr: string;
  /** The label whose values are asked for; absent for a panel. */
  readonly labelValuesOf?: string;
  /** Mode of the mesh without which its panel has nothing to show. */
  readonly needs?: 'edge-auth';
}

/** What stands for `$__rate_interval`: four scrapes, as Grafana takes for a range of minutes. */
const rateInterval = '20s';

/**
 * Every query of a dashboard, with its variables set to what was chosen (by name, as it stands in a matcher), else to all.
 * Throws when a `$name` is left that nobody defines.
 */
export function queriesOf(
  dashboard: DashboardJson,
  chosen: ReadonlyMap<string, string> = new Map(),
): DashboardQuery[] {
  const variables = dashboard.templating.list.filter((variable) => variable.type === 'query');
  const values = new Map<string, string>([['__rate_interval', rateInterval]]);
  for (const { name } of variables) values.set(name, chosen.get(name) ?? allValues);
  const substituted = (text: string, name: string): string =>
    text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, plain: string | undefined) => {
      const variable = braced ?? plain ?? '';
      const value = values.get(variable);
      if (value === undefined) throw new Error(`${name} uses $${variable}, which no variable defines`);
      return value;
    });

  const ofPanels = dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr }): DashboardQuery => {
      const name = `${dashboard.uid} / ${panel.title} / ${refId}`;
      const isOfEdgeAuth = panel.fieldConfig?.defaults.noValue === onlyWithEdgeAuth;
      return {
        name,
        expr: substituted(expr, name),
        ...(isOfEdgeAuth ? { needs: 'edge-auth' as const } : {}),
      };
    }),
  );
  const ofAnnotations = dashboard.annotations.list.map(({ name: annotation, expr }): DashboardQuery => {
    const name = `${dashboard.uid} / @${annotation}`;
    return { name, expr: substituted(expr, name) };
  });
  const ofVariables = variables.map(({ name: variable, query: { query } }): DashboardQuery => {
    const name = `${dashboard.uid} / $${variable}`;
    const [, of, labelValuesOf] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    if (of === undefined || labelValuesOf === undefined) {
      throw new Error(`${name} asks ${query}; only label_values(series, label) is understood here`);
    }
    return { name, expr: substituted(of, name), labelValuesOf };
  });
  return [...ofVariables, ...ofAnnotations, ...ofPanels];
}
