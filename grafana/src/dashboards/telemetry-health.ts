/** *Telemetry health*: can the other dashboards, and the traces, be believed? */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from '../panels/board.ts';
import { stat } from '../panels/stat.ts';
import { states } from '../panels/states.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import * as telemetry from '../queries/telemetry.ts';

/** Share of whole traces; below 99 % the alert TracesIncomplete fires. */
const completeLimits = { warn: 1, bad: 0.99 };

/** One is one too many. */
const anyLimits = { bad: 1 };

/** Seconds. A scrape is given up after four. */
const scrapeLimits = { warn: 1, bad: 4 };

const upStates = [
  { value: 1, text: 'up', colour: 'green' },
  { value: 0, text: 'down', colour: 'red' },
];

/** The dashboard. */
export function telemetryHealth(): Dashboard {
  return board({
    uid: 'telemetry-health',
    title: 'Telemetry health',
    description: 'Traces, collector, Prometheus, Jaeger: can you trust the other dashboards?',
    variables: [],
  })
    .withRow(new RowBuilder('Now'))
    .withPanel(
      stat({
        title: 'Whole traces',
        description:
          'Share of the provable orders of the last five minutes whose trace is whole. Nothing while most are not judged.',
        unit: units.share,
        query: { expr: telemetry.completeness, legend: 'whole' },
        limits: completeLimits,
        whenEmpty: 'no orders',
      }),
    )
    .withPanel(
      stat({
        title: 'Targets down',
        description: 'Parts that Prometheus cannot read. What they count is missing everywhere.',
        unit: units.count,
        query: { expr: telemetry.down, legend: 'down' },
        limits: anyLimits,
        whenEmpty: 'no targets',
      }),
    )
    .withPanel(
      stat({
        title: 'Spans received',
        description: 'Spans that reach the collector per second. An order leaves about thirty.',
        unit: units.spansPerSecond,
        query: { expr: telemetry.spansReceived, legend: 'spans' },
        whenEmpty: 'none yet',
      }),
    )
    .withPanel(
      stat({
        title: 'Series in Prometheus',
        description: 'Series in memory. A number that only grows means a label has too many values.',
        unit: units.count,
        query: { expr: telemetry.series, legend: 'series' },
        whenEmpty: 'none yet',
      }),
    )
    .withRow(new RowBuilder('Traces'))
    .withPanel(
      timeSeries({
        title: 'Orders by what their traces prove',
        description:
          'Orders of the last five minutes, or a share chosen by trace id: complete, incomplete, unprovable (a process was killed with their spans), unproven (not judged within two minutes), waiting.',
        unit: units.count,
        queries: [{ expr: telemetry.orders, legend: '{{shop_outcome}}' }],
        stacked: true,
        colours: {
          complete: 'green',
          incomplete: 'red',
          unprovable: 'orange',
          unproven: 'yellow',
          waiting: 'blue',
        },
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Missing hops',
        description:
          'What incomplete traces lack: the hop whose spans are lost. ./mesh status names an order with each.',
        unit: units.count,
        queries: [{ expr: telemetry.missingHops, legend: '{{shop_trace_hop}}' }],
      }),
    )
    .withRow(new RowBuilder('Collector'))
    .withPanel(
      timeSeries({
        title: 'Spans through the collector',
        description:
          'What it took, refused because it is full, could not read; and what it stored, or could not. Stored follows accepted.',
        unit: units.spansPerSecond,
        queries: [
          { expr: telemetry.spansReceived, legend: 'accepted' },
          { expr: telemetry.spansRefused, legend: 'refused' },
          { expr: telemetry.spansUnreadable, legend: 'unreadable' },
          { expr: telemetry.spansStored, legend: 'stored' },
          { expr: telemetry.spansNotStored, legend: 'not stored' },
        ],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Metric points',
        description: 'Points the apps pushed, those the collector refused, and those it could not pass on.',
        unit: units.samplesPerSecond,
        queries: [
          { expr: telemetry.pointsReceived, legend: 'accepted' },
          { expr: telemetry.pointsRefused, legend: 'refused' },
          { expr: telemetry.pointsFailed, legend: 'export failed' },
        ],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Spans of the Envoys',
        description:
          'What each Envoy sent, and dropped because its buffer was full or the collector unavailable.',
        unit: units.spansPerSecond,
        queries: [
          { expr: telemetry.envoySpansSent, legend: '{{part}}' },
          { expr: telemetry.envoySpansDropped, legend: '{{part}} dropped' },
        ],
        width: 8,
      }),
    )
    .withRow(new RowBuilder('Prometheus'))
    .withPanel(
      states({
        title: 'Targets',
        description:
          'Whether Prometheus can read each part. A band ends when the target is no longer listed.',
        query: { expr: telemetry.up, legend: telemetry.targetLegend },
        states: upStates,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time of a scrape',
        description: 'How long a scrape of each target takes; it is given up after four seconds.',
        unit: units.seconds,
        queries: [{ expr: telemetry.scrapeDuration, legend: telemetry.targetLegend }],
        limits: scrapeLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Samples of a scrape',
        description:
          'How many samples each target reports. A jump means a new label, or one with many values.',
        unit: units.count,
        queries: [{ expr: telemetry.scrapeSamples, legend: telemetry.targetLegend }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Rules',
        description:
          'Rules that failed, and rounds that were missed because the one before took too long; 0 when all is well.',
        unit: units.perSecond,
        queries: [
          { expr: telemetry.rulesFailed, legend: 'failed' },
          { expr: telemetry.rulesMissed, legend: 'rounds missed' },
        ],
      }),
    )
    .withRow(new RowBuilder('Jaeger'))
    .withPanel(
      timeSeries({
        title: 'Memory',
        description:
          'Jaeger’s memory. Traces are kept there, the oldest go first: about 1 GB when it is full.',
        unit: units.bytes,
        queries: [{ expr: telemetry.jaegerMemory, legend: 'resident' }],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Questions',
        description:
          'Questions to the trace store by kind and result; the control service asks every three seconds.',
        unit: units.perSecond,
        queries: [{ expr: telemetry.jaegerQueries, legend: '{{operation}} {{result}}' }],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Time of an answer',
        description: 'How long the trace store takes to answer, on average, by kind of question.',
        unit: units.seconds,
        queries: [{ expr: telemetry.jaegerQueryTime, legend: '{{operation}}' }],
        width: 8,
      }),
    )
    .build();
}
