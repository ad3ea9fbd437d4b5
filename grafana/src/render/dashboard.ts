/** What is drawn of a dashboard's JSON; the rest of it is for Grafana alone. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Exemplar } from './prometheus.ts';
import { calculationNames, type Series } from './series.ts';

const optional = Type.Optional;

const calculations = Type.Array(Type.Enum(calculationNames));

const step = Type.Object({ value: Type.Union([Type.Number(), Type.Null()]), color: Type.String() });

/** Names and colours of single values; other kinds of mappings are not drawn, so they are refused. */
const mapping = Type.Object({
  type: Type.Literal('value'),
  options: Type.Record(
    Type.String(),
    Type.Object({ text: optional(Type.String()), color: optional(Type.String()) }),
  ),
});

const override = Type.Object({
  matcher: Type.Object({ id: Type.String(), options: Type.Unknown() }),
  properties: Type.Array(Type.Object({ id: Type.String(), value: Type.Unknown() })),
});

/** A panel, as far as it is drawn. */
export const panelSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  gridPos: Type.Object({ x: Type.Integer(), y: Type.Integer(), w: Type.Integer(), h: Type.Integer() }),
  targets: optional(
    Type.Array(
      Type.Object({
        refId: Type.String(),
        expr: Type.String(),
        legendFormat: optional(Type.String()),
        /** Whether single traces are shown among its values. */
        exemplar: optional(Type.Boolean()),
      }),
    ),
  ),
  fieldConfig: optional(
    Type.Object({
      defaults: Type.Object({
        unit: optional(Type.String()),
        min: optional(Type.Number()),
        max: optional(Type.Number()),
        noValue: optional(Type.String()),
        thresholds: optional(Type.Object({ steps: Type.Array(step) })),
        mappings: optional(Type.Array(mapping)),
        custom: optional(
          Type.Object({
            fillOpacity: optional(Type.Number()),
            stacking: optional(Type.Object({ mode: Type.String() })),
            thresholdsStyle: optional(Type.Object({ mode: Type.String() })),
          }),
        ),
      }),
      overrides: Type.Array(override),
    }),
  ),
  options: optional(
    Type.Object({
      legend: optional(Type.Object({ calcs: optional(calculations) })),
      reduceOptions: optional(Type.Object({ calcs: optional(calculations) })),
    }),
  ),
});

/** A panel, as far as it is drawn. */
export type Panel = Static<typeof panelSchema>;

/** A panel and what its queries returned. */
export interface FilledPanel {
  readonly panel: Panel;
  readonly series: readonly Series[];
  /** Traces among its values, where they were asked for. */
  readonly exemplars?: readonly Exemplar[];
}

const annotation = Type.Object({
  name: Type.String(),
  iconColor: Type.String(),
  expr: Type.String(),
  titleFormat: optional(Type.String()),
});

/** Something that goes on while its query has a value. */
export type Annotation = Static<typeof annotation>;

const schema = Type.Object({
  title: Type.String(),
  time: Type.Object({ from: Type.String({ pattern: '^now-\\d+m$' }) }),
  panels: Type.Array(panelSchema),
  annotations: optional(Type.Object({ list: optional(Type.Array(annotation)) })),
});

/** Its title, its panels, what is drawn behind their lines, and the minutes it shows when nobody chooses others. */
export interface Drawn {
  readonly title: string;
  readonly annotations: readonly Annotation[];
  readonly panels: readonly Panel[];
  readonly minutes: number;
}

/** Reads it. Throws an error that names what cannot be drawn. */
export function drawnOf(text: string): Drawn {
  const value: unknown = JSON.parse(text);
  if (!Value.Check(schema, value)) {
    const [first] = Value.Errors(schema, value);
    throw new Error(`dashboard${first?.instancePath ?? ''} ${first?.message ?? 'cannot be drawn'}`);
  }
  const { title, panels, time, annotations } = value;
  return {
    title,
    panels,
    annotations: annotations?.list ?? [],
    minutes: Number.parseInt(time.from.slice('now-'.length), 10),
  };
}

/** The panels of the row with that title, the row's own title left out. Throws an error that lists the rows. */
export function rowNamed(panels: readonly Panel[], title: string): readonly Panel[] {
  const rows = panels.filter(({ type }) => type === 'row');
  const begin = panels.findIndex((panel) => panel.type === 'row' && panel.title === title);
  if (begin === -1) {
    throw new Error(`There is no row "${title}"; there are: ${rows.map((row) => row.title).join('; ')}`);
  }
  const below = panels.slice(begin + 1);
  const end = below.findIndex(({ type }) => type === 'row');
  return end === -1 ? below : below.slice(0, end);
}
