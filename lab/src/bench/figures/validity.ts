/** When figures prove nothing: the machine was not the same throughout, or others used it. */
import { foreignMs, mostForeign, share, whyDisturbed, whyDrifted } from '../results/validity.ts';
import type { Measurement, Span } from './schemas.ts';

/** The reasons, each a sentence, on a machine with so many CPUs; none when they prove something. */
export function whyFiguresInvalid(
  { spans, calibration_ms }: Pick<Measurement, 'spans' | 'calibration_ms'>,
  cpus: number,
): string[] {
  return [
    ...whyDrifted(calibration_ms),
    ...spans.flatMap((span) => {
      const why = span.busy ? whyDisturbed(span) : whyDisturbedAtRest(span, cpus);
      return why.map((reason) => `${span.name}: ${reason}`);
    }),
  ];
}

/** A mesh at rest uses little, so what is a tenth of that leaves the machine idle: what counts is the share of the whole machine. */
function whyDisturbedAtRest(span: Span, cpus: number): string[] {
  const foreign = foreignMs(span) / (span.seconds * 1000 * cpus);
  if (foreign <= mostForeign) return [];
  return [`Foreign processes took ${share(foreign)} of the whole machine, over ${share(mostForeign)}`];
}
