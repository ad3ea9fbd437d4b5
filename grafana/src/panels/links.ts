/** Ways out of a dashboard: to the other dashboards, and from a line to its traces in Jaeger. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { jaegerVariable } from './variable.ts';

/** Tag of every dashboard here. */
export const dashboardTag = 'microshop';

/** The SDK would put a link into a menu; this one is shown by itself. */
function visible(link: DashboardLinkBuilder): Builder<DashboardLink> {
  return {
    build() {
      const { placement: _, ...shown } = link.build();
      return shown;
    },
  };
}

/** A menu of all dashboards; the time range goes along. */
export const otherDashboards = visible(
  new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([dashboardTag])
    .icon('external link')
    .asDropdown(true)
    .includeVars(false)
    .keepTime(true),
);

/** Jaeger's own pages: the address is a variable, since its port can be chosen. */
const address = variableOfBoard(`${jaegerVariable}:raw`);

/** Jaeger's first page. */
export const jaegerPage = visible(
  new DashboardLinkBuilder('Jaeger').url(address).icon('external link').targetBlank(true),
);

/** Which traces a line leads to. Values may hold Grafana's `${…}`, such as a label of the line. */
export interface TraceSearch {
  readonly title: string;
  /** `service.name` of spans the traces must have. */
  readonly service: string;
  /** Name of such a span. */
  readonly operation?: string;
  /** An attribute that span has. */
  readonly having?: { readonly attribute: string; readonly value: string };
}

/**
 * Answers of 503, as Envoy and as the apps note them on their spans. Jaeger's own `error=true` finds nothing: its memory
 * store (2.13) takes the text of the question for `false`.
 */
export const answered503 = {
  byEnvoy: { attribute: 'http.status_code', value: '503' },
  byApp: { attribute: 'http.response.status_code', value: '503' },
} as const;

/** A link from each point of a panel to the traces of the time shown, in Jaeger's search. */
export function tracesLink({ title, service, operation, having }: TraceSearch): Builder<DashboardLink> {
  const parameters = [
    `service=${service}`,
    ...(operation === undefined ? [] : [`operation=${operation.replaceAll(' ', '%20')}`]),
    // {"attribute":"value"}; the value may hold Grafana's ${…}, which must stay as it is
    ...(having === undefined ? [] : [`tags=%7B%22${having.attribute}%22%3A%22${having.value}%22%7D`]),
    // Grafana has milliseconds, Jaeger wants microseconds
    `lookback=custom&start=${variableOfBoard('__from')}000&end=${variableOfBoard('__to')}000&limit=20`,
  ];
  return visible(
    new DashboardLinkBuilder(title).url(`${address}/search?${parameters.join('&')}`).targetBlank(true),
  );
}

/** A variable of the dashboard, in a link. */
export function variableOfBoard(name: string): string {
  return `\${${name}}`;
}

/** A label of the line that was clicked, in a link. */
export const labelOfLine = (label: string): string => variableOfBoard(`__field.labels.${label}`);
