/** *Mesh*: every edge between gateway and services, and what the Envoys and breakers do about its failures. */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from '../panels/board.ts';
import { onlyWithEdgeAuth } from '../panels/modes.ts';
import { states } from '../panels/states.ts';
import { answerLimitsMs } from '../panels/thresholds.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import { edgeVariables } from '../panels/variable.ts';
import * as breakers from '../queries/breakers.ts';
import * as clients from '../queries/clients.ts';
import * as edges from '../queries/edges.ts';
import * as faults from '../queries/faults.ts';
import { calleeTraces, edgeErrors, edgeRate, edgesRow } from './shared/edges.ts';

const breakerStates = [
  { value: 0, text: 'closed', colour: 'green' },
  { value: 1, text: 'half open', colour: 'yellow' },
  { value: 2, text: 'open', colour: 'red' },
];

/** Attempts per call. The retry budget allows 1.2 under load; from 1.5 on the alert RetryStorm fires. */
const triesLimits = { warn: 1.2, bad: 1.5 };

const clientColours = { 'let in': 'green', '401': 'orange', '403': 'red', '429': 'purple' };

/** Seconds. Certificates are renewed at half of their hour; below ten minutes CertificateNearItsEnd fires. */
const certificateLimits = { warn: 1500, bad: 600 };

/** The dashboard. */
export function mesh(): Dashboard {
  return board({
    uid: 'mesh',
    title: 'Mesh',
    description:
      'Every edge as the caller’s Envoy sees it; retries, breakers, ejections, faults, certificates, clients.',
    variables: edgeVariables,
  })
    .withRow(new RowBuilder(edgesRow))
    .withPanel(edgeRate([calleeTraces(false)]))
    .withPanel(edgeErrors())
    .withPanel(
      timeSeries({
        title: 'Time of an attempt',
        description:
          'p50 and p99 of what one attempt took. The lines are the limit of one attempt (yellow) and the order’s deadline (red).',
        unit: units.milliseconds,
        queries: [
          { expr: edges.tryTime(0.5), legend: `${edges.edgeLegend} p50` },
          { expr: edges.tryTime(0.99), legend: `${edges.edgeLegend} p99` },
        ],
        limits: answerLimitsMs,
        links: [calleeTraces(false)],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Under way',
        description: 'Requests that have no answer yet. It grows when a callee becomes slow.',
        unit: units.count,
        queries: [{ expr: edges.underWay, legend: edges.edgeLegend }],
      }),
    )
    .withRow(new RowBuilder('Retried'))
    .withPanel(
      timeSeries({
        title: 'Attempts per call',
        description:
          'Attempts ÷ calls: 1 when nothing is retried. Between services a GET has up to three attempts; over 1.5 retries make an outage worse.',
        unit: units.attemptsPerCall,
        queries: [{ expr: edges.attemptsPerCall, legend: edges.edgeLegend }],
        limits: triesLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Retries',
        description:
          'Second and third attempts per second, and those that the retry budget refused: the answer of the previous attempt is returned.',
        unit: units.requestsPerSecond,
        queries: [
          { expr: edges.retries, legend: edges.edgeLegend },
          { expr: edges.retriesRefused, legend: `${edges.edgeLegend} refused` },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Why attempts fail',
        description:
          'Attempts that took too long, and connections that could not be made. Other failures are answers of the callee.',
        unit: units.requestsPerSecond,
        queries: [
          { expr: edges.tryTimeouts, legend: `${edges.edgeLegend} too slow` },
          { expr: edges.connectFailures, legend: `${edges.edgeLegend} no connection` },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Replicas in use',
        description:
          'All replicas of the callee, and those that outlier detection has not ejected. With one replica, as always in containers, it is off.',
        unit: units.count,
        queries: [
          { expr: edges.replicasInUse, legend: `${edges.edgeLegend} in use` },
          { expr: edges.replicas, legend: `${edges.edgeLegend} all` },
        ],
      }),
    )
    .withRow(new RowBuilder('Breakers, in the caller’s process'))
    .withPanel(
      states({
        title: 'Breaker state',
        description:
          'Open: calls to the peer are refused at once, for five seconds; half open: one is let through.',
        query: { expr: breakers.state, legend: breakers.legend },
        states: breakerStates,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Breaker opened',
        description: 'Times each breaker opened. Opening repeatedly means that the peer has not recovered.',
        unit: units.count,
        queries: [{ expr: breakers.opened, legend: breakers.legend }],
        width: 6,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Refused by a breaker',
        description: 'Calls that an open breaker refused. The client gets 503 breaker_open without waiting.',
        unit: units.requestsPerSecond,
        queries: [{ expr: breakers.rejections, legend: breakers.legend }],
        width: 6,
      }),
    )
    .withRow(new RowBuilder('Faults and certificates'))
    .withPanel(
      timeSeries({
        title: 'Faults set',
        description:
          'Share of the calls that meet each fault (./mesh fault set). Empty when none is set; the purple marks over all panels are the same.',
        unit: units.share,
        queries: [{ expr: faults.inForce, legend: faults.legend }],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Faults injected',
        description: 'Calls that a callee’s sidecar has answered, held, or whose answer it has replaced.',
        unit: units.requestsPerSecond,
        queries: [
          { expr: faults.aborts, legend: '{{service}} aborted' },
          { expr: faults.delays, legend: '{{service}} delayed' },
          { expr: faults.replacedAnswers, legend: '{{service}} answer replaced' },
        ],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Certificates end in',
        description:
          'Time until the first certificate of each Envoy ends. The control service renews each at half of its hour; below ten minutes an alert fires.',
        unit: units.seconds,
        queries: [{ expr: edges.certificateTime, legend: '{{part}}' }],
        limits: certificateLimits,
        width: 8,
      }),
    )
    .withRow(new RowBuilder('Clients, with --edge-auth'))
    .withPanel(
      timeSeries({
        title: 'Clients at the gateway',
        description:
          'Requests that were let in, and those refused: 401 without a valid token, 403 not allowed to this user, 429 above the limit of one client.',
        unit: units.requestsPerSecond,
        queries: [
          { expr: clients.letIn, legend: 'let in' },
          { expr: clients.unauthorized, legend: '401' },
          { expr: clients.forbidden, legend: '403' },
          { expr: clients.tooMany, legend: '429' },
        ],
        colours: clientColours,
        whenEmpty: onlyWithEdgeAuth,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Keys of tokens',
        description:
          'Fetches of the public keys from users, every ten seconds. After a failed fetch the gateway keeps its keys.',
        unit: units.perSecond,
        queries: [
          { expr: clients.keysFetched, legend: 'fetched' },
          { expr: clients.keysNotFetched, legend: 'failed' },
        ],
        colours: { fetched: 'green', failed: 'red' },
        whenEmpty: onlyWithEdgeAuth,
      }),
    )
    .build();
}
