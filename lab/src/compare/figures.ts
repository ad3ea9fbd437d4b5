/** What is measured of an arm in a block, and by which difference arms are distinguished. */
import { callEdges, edgeNamed, type ServiceName } from '@microshop/topology';
import {
  type Answer,
  buyersIn,
  phaseAnswers,
  recoverySeconds,
  type Timeline,
} from '../experiment/answers.ts';
import { type Counts, layersBetween, uncounted } from '../experiment/layers.ts';
import type { Figure } from '../statistics/compare.ts';

/** How a figure is shown. */
export interface ShownFigure extends Figure {
  /** What a person reads: `success`, `p99`. */
  readonly name: string;
  /** What it is, a sentence without its end. */
  readonly says: string;
  /** Behind a value and a difference. */
  readonly unit: string;
  /** Shown values are multiplied with it: 100 for a share in percent. */
  readonly scale: number;
  readonly digits: number;
}

/** The figures by which a comparison may be decided, and two besides. */
export const namedFigures = {
  success: {
    name: 'success',
    says: 'share of the buyers who came during the fault and got their order',
    better: 'higher',
    margin: 0.02,
    unit: '%',
    scale: 100,
    digits: 1,
  },
  p50: {
    name: 'p50',
    says: 'median time of the requests of these buyers',
    better: 'lower',
    margin: 20,
    unit: 'ms',
    scale: 1,
    digits: 0,
  },
  p99: {
    name: 'p99',
    says: '99 of 100 of these requests took no longer',
    better: 'lower',
    margin: 100,
    unit: 'ms',
    scale: 1,
    digits: 0,
  },
  amplification: {
    name: 'amplification',
    says: 'attempts at the faulty service per buyer, over all layers',
    better: 'lower',
    margin: 0.05,
    unit: '',
    scale: 1,
    digits: 2,
  },
  recovery: {
    name: 'recovery',
    says: 'time from the end of the fault to the last request that failed',
    better: 'lower',
    margin: 0.5,
    unit: 's',
    scale: 1,
    digits: 1,
  },
} as const satisfies Readonly<Record<string, ShownFigure>>;

/** Figures that may be the primary one. */
export const primaryNames = ['success', 'p99', 'amplification'] as const;

/** One of {@link primaryNames}. */
export type PrimaryName = (typeof primaryNames)[number];

/** The layer of the buyers: requests of each. */
export const clientLayer = 'client → gateway';

/** The figure of a layer: attempts per call, 1 without retries. */
export function layerFigure(layer: string): ShownFigure {
  return {
    name: layer,
    says: 'attempts per call of this layer',
    better: 'lower',
    margin: 0.05,
    unit: '',
    scale: 1,
    digits: 2,
  };
}

/** Values by the names of their figures; `null` where there was nothing to measure. */
export type Values = Readonly<Record<string, number | null>>;

/** What a run of an arm left. */
export interface Measured {
  readonly answers: readonly Answer[];
  readonly timeline: Timeline;
  /** Counters at the beginning and the end of the fault. */
  readonly counts: readonly [Counts, Counts];
  /** The service whose calls met the fault. */
  readonly service: ServiceName;
}

/** The values of a run. */
export function valuesOf({ answers, timeline, counts, service }: Measured): Values {
  const { buyers, success, p50_ms: p50, p99_ms: p99 } = phaseAnswers(answers, timeline.fault);
  const layers = layersBetween(...counts);
  const into = layers.filter(({ layer }) => layer.endsWith(` → ${service}`));
  const attempts = into.reduce((sum, layer) => sum + layer.attempts, 0);
  const missing = uncounted(into, callEdges.filter(({ callee }) => callee === service).map(edgeNamed));
  return {
    success,
    p50,
    p99,
    amplification: buyers === 0 || missing.length > 0 ? null : attempts / buyers,
    recovery: recoverySeconds(answers, timeline.heal),
    [clientLayer]: requestsPerBuyer(answers, timeline),
    ...Object.fromEntries(layers.map(({ layer, attempts_per_call: factor }) => [layer, factor])),
  };
}

/** Of those who came during the fault. */
function requestsPerBuyer(answers: readonly Answer[], { fault }: Timeline): number | null {
  const came = buyersIn(answers, fault);
  return came.length === 0 ? null : came.flat().length / came.length;
}
