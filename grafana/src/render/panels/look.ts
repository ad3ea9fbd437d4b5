/** How a panel wants its values to look. */
import { colourOf, paletteColour } from '../colours.ts';
import type { Panel } from '../dashboard.ts';
import { formatted } from '../format.ts';

/** A value from which on a colour stands. */
export interface Limit {
  readonly from: number;
  readonly colour: string;
}

/** Limits above the first colour, lowest first. */
export function limitsOf({ fieldConfig }: Panel): Limit[] {
  return (fieldConfig?.defaults.thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value === null ? [] : [{ from: value, colour: colourOf(color) }],
  );
}

/** A value that has a name, and often a colour, of its own. */
export interface NamedValue {
  readonly value: number;
  readonly text?: string;
  readonly colour?: string;
}

/** The values of a panel that have names. */
export function namedValues({ fieldConfig }: Panel): NamedValue[] {
  return (fieldConfig?.defaults.mappings ?? []).flatMap(({ options }) =>
    Object.entries(options).map(([value, { text, color }]) => ({
      value: Number(value),
      ...(text === undefined ? {} : { text }),
      ...(color === undefined ? {} : { colour: colourOf(color) }),
    })),
  );
}

/** The colour of a value: its own, or the one of the panel's limits. */
export function colourOfValue(panel: Panel, value: number): string {
  const own = namedValues(panel).find((named) => named.value === value)?.colour;
  const base = panel.fieldConfig?.defaults.thresholds?.steps.find((step) => step.value === null);
  const limit = limitsOf(panel).findLast(({ from }) => value >= from);
  return own ?? limit?.colour ?? colourOf(base?.color ?? 'text');
}

/** The colour of the line with that name and number: its own one, or the next of the palette. */
export function colourOfLine({ fieldConfig }: Panel, name: string, index: number): string {
  const properties = (fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.id === 'byName' && matcher.options === name)
    .flatMap((override) => override.properties);
  const fixed = properties.find(({ id }) => id === 'color')?.value;
  if (typeof fixed !== 'object' || fixed === null || !('fixedColor' in fixed)) return paletteColour(index);
  return colourOf(String(fixed.fixedColor));
}

/** A value by its name, or in the panel's unit; `write` puts number and unit together. */
export function valueText(panel: Panel, value: number | null, write = formatted): string {
  if (value === null) return '–';
  const name = namedValues(panel).find((named) => named.value === value)?.text;
  return name ?? write(value, unitOf(panel));
}

/** The panel's unit, by Grafana's name. */
export function unitOf({ fieldConfig }: Panel): string {
  return fieldConfig?.defaults.unit ?? 'short';
}
