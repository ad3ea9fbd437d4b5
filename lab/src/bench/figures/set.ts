/** What a set of figures is: what a mesh takes by itself, without another one to compare it with. */
import type { MeshSettings } from '@microshop/cli/mesh/settings';
import type { MeasuredMesh } from '../mesh/measured-mesh.ts';
import type { Setup } from '../setup.ts';
import type { Measurement } from './schemas.ts';

/** What a set is measured with. */
export interface Bench {
  /** The mesh with those settings, the only one that is up; started unless it is. */
  meshOf(setup: Setup): Promise<MeasuredMesh>;
  /** The mesh of the first number: down until `meshOf` is asked for it. */
  readonly settings: MeshSettings;
  readonly signal: AbortSignal;
}

/** Figures, and what shows whether they prove something. */
export interface Measured extends Pick<Measurement, 'figures' | 'spans' | 'calibration_ms'> {
  /** Why what was done is not what is to be measured; absent when it is. */
  readonly fault?: string;
}

/** A set of figures, as it is picked with `--only`. */
export interface FigureSet {
  readonly name: string;
  /** What it answers. */
  readonly says: string;
  /** How often it is measured. */
  readonly times: number;
  /** About how long all of it takes, seconds. For the estimate. */
  readonly seconds: number;
  /** Done once, before the first measurement. */
  prepare?(bench: Bench): Promise<void>;
  /** Measures once; `index` counts from 0. */
  measure(bench: Bench, index: number): Promise<Measured>;
}
