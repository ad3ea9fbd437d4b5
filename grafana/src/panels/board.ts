/** What every dashboard has: tag, time range, links, and the faults as annotations. */
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  type QueryVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { prometheus } from '../datasources.ts';
import * as faults from '../queries/faults.ts';
import { dashboardTag, jaegerPage, otherDashboards } from './links.ts';
import { jaegerAddress } from './variable.ts';

/** What a dashboard has of its own besides panels. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly QueryVariableBuilder[];
}

/** Distance of the points of an annotation, as PromQL writes times: that of two scrapes, so that a fault has edges. */
const annotationStep = '5s';

/** From setting a fault to its end, over every panel. */
const faultsInForce = new AnnotationQueryBuilder()
  .name('Faults')
  .datasource(prometheus)
  .enable(true)
  .iconColor('purple')
  .expr(faults.inForce)
  .step(annotationStep)
  .titleFormat(faults.legend)
  .textFormat('a fault is set')
  .tagKeys('');

/** A dashboard to put rows and panels on. */
export function board({ uid, title, description, variables }: Board): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([dashboardTag])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-15m', to: 'now' })
    .refresh('5s')
    .timezone('browser')
    .annotation(faultsInForce)
    .links([otherDashboards, jaegerPage])
    .variables([...variables, jaegerAddress]);
}
