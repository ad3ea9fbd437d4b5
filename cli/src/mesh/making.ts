/** A part that the mesh is up without, because its program is still being made. */
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { stepText, timeText } from '@microshop/native/tools/index';

type Part = MeshStatus['parts'][number];
type Making = NonNullable<Part['making']>;

/** What is being done and how far it is: `compiling, 43 %, about 3 min left`. */
export function makingText({ step, share, seconds_left: left }: Making): string {
  const progress = share === null ? undefined : { share, ...(left === null ? {} : { secondsLeft: left }) };
  return stepText({ text: step, progress });
}

/** What the mesh has to do without until then. */
const lacks: Readonly<Record<string, string>> = { jaeger: 'Traces, and the metrics of apps, begin' };

/** A line about each part that joins later. */
export function laterLines({ parts }: MeshStatus): string[] {
  return parts.flatMap(({ name, making }) => {
    if (making === null) return [];
    const left = making.seconds_left;
    const when = left === null ? '' : `, in about ${timeText(left)}`;
    return [
      `${lacks[name] ?? 'All is there'} when ${name} is built${when} (now: ${makingText({ ...making, seconds_left: null })})`,
    ];
  });
}

/** Whether nothing but such parts keeps the mesh from being whole. */
export function onlyJoining({ parts }: MeshStatus): boolean {
  return parts.every(({ healthy, making }) => healthy || making !== null);
}

/** The sentence of a command that needs the part. */
export function stillBuilt({ name, making }: Part): string | undefined {
  if (making === null) return undefined;
  const told = `${name} is still being built (${makingText(making)})`;
  return name === 'jaeger' ? `${told}; orders placed before it is there leave no trace` : told;
}
