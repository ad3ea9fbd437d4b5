/** k6's progress for a log: it writes some lines each second, of which one in a while is enough. */

/** Time between two lines that tell how far a run is, milliseconds. */
const everyMs = 5000;

/** Lines of k6 about the state of its scenarios; `running (…` says the same for all of them. */
const scenarioState = /^\S+ +[•✓✗]? *\[ +\d+% \]|^Init +\[/;

/** A line transform: drops progress that comes too often and the lines around it, keeps everything else. */
export function progressLines(now: () => number = () => performance.now()) {
  let told = Number.NEGATIVE_INFINITY;
  return function* keep(line: unknown): Generator<unknown> {
    if (typeof line !== 'string') return yield line;
    if (line.trim() === '' || scenarioState.test(line)) return;
    if (!line.startsWith('running (')) return yield line;
    if (now() - told < everyMs) return;
    told = now();
    yield line;
  };
}
