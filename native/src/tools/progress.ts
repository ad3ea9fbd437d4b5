/**
 * How provisioning goes, on stderr: a live list on a terminal, lines elsewhere; and all tools at once, for those who
 * cannot begin before the last of them is there.
 */
import { ExplainedError, messageOf } from '@microshop/program-kit/errors';
import { Listr, type ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput } from 'listr2';
import { type ProvisionEvent, type Provisioning, startProvisioning } from './provision.ts';
import { type Progress, type Tool, type ToolName, ToolsUnavailableError, toolNames } from './tool.ts';

/** Takes the events of a provisioning and shows them. */
export interface ProvisionProgress {
  /** To be given to `startProvisioning`. */
  onEvent(event: ProvisionEvent): void;
  /** Shows the missing tools until all have ended; returns at once when none is missing. Never rejects. */
  follow(provisioning: Provisioning): Promise<void>;
}

/** Time after which a line repeats what is still going on where there is no terminal, milliseconds. */
const heartbeatMs = 15_000;

/** Progress on `stream`, live when it is a terminal. */
export function provisionProgress(stream: NodeJS.WriteStream = process.stderr): ProvisionProgress {
  return stream.isTTY ? liveList(stream) : provisionLines((line) => stream.write(`${line}\n`));
}

/** What is being done and how far it is: `compiling, 43 %, about 3 min left`. */
export function stepText({
  text,
  progress,
}: {
  readonly text: string;
  readonly progress: Progress | undefined;
}): string {
  if (progress === undefined) return text;
  const { share, secondsLeft } = progress;
  const left = secondsLeft === undefined ? [] : [`about ${timeText(secondsLeft)} left`];
  return [text, `${Math.floor(100 * share)} %`, ...left].join(', ');
}

/** An estimated time: `40 s`, `3 min`. */
export function timeText(seconds: number): string {
  return seconds < 55 ? `${Math.max(10, 10 * Math.ceil(seconds / 10))} s` : `${Math.round(seconds / 60)} min`;
}

function seconds(since: number): string {
  return `${Math.round((performance.now() - since) / 1000)} s`;
}

function liveList(stream: NodeJS.WriteStream): ProvisionProgress {
  const steps = new Map<ToolName, string>();
  const notes: string[] = [];
  return {
    onEvent: (event) => {
      if (event.kind === 'step') steps.set(event.tool, stepText(event));
      if (event.kind === 'note') notes.push(`${event.tool}: ${event.text}`);
    },
    follow: async (provisioning) => {
      const missing = await provisioning.missing;
      if (missing.length === 0) return;
      for (const note of notes) stream.write(`${note}\n`);
      const tasks = missing.map((name) => ({
        title: name,
        task: async (_: unknown, task: { title: string }) => {
          const started = performance.now();
          const show = () => {
            task.title = `${name}: ${steps.get(name) ?? 'waiting'}, ${seconds(started)}`;
          };
          const timer = setInterval(show, 250);
          try {
            const tool = await provisioning.tool(name);
            task.title = `${name} ${tool.version} in ${seconds(started)}`;
          } finally {
            clearInterval(timer);
          }
        },
      }));
      const list = new Listr(tasks, {
        concurrent: true,
        exitOnError: false,
        // whether to draw was decided from the stream in use; listr2 would check stdout
        fallbackRendererCondition: false,
        forceTTY: true,
        rendererOptions: {
          collapseErrors: false,
          logger: new ListrLogger<ListrDefaultRendererLogLevels>({
            useIcons: true,
            toStderr: [],
            processOutput: new ProcessOutput(stream, stream),
          }),
        },
      });
      await list.run();
    },
  };
}

/** Progress as lines for a log: a step is reported when it begins and again at each heartbeat, with its time and what else is left. */
export function provisionLines(write: (line: string) => void): ProvisionProgress {
  const working = new Map<ToolName, { text: string; line: string; started: number; printedAt: number }>();
  let total = 0;
  const tell = (tool: ToolName, text: string) => write(`${tool}: ${text}`);

  const onStep = (event: Extract<ProvisionEvent, { kind: 'step' }>) => {
    const now = performance.now();
    const { tool, text } = event;
    const known = working.get(tool);
    if (known === undefined) total += 1;
    const isNew = known?.text !== text;
    const line = stepText(event);
    working.set(tool, {
      text,
      line,
      started: known?.started ?? now,
      printedAt: isNew ? now : known.printedAt,
    });
    if (isNew && text !== 'waiting') tell(tool, line);
  };
  const heartbeat = () => {
    const now = performance.now();
    for (const [tool, state] of working) {
      if (now - state.printedAt < heartbeatMs) continue;
      state.printedAt = now;
      tell(tool, `${state.line} (${working.size} of ${total} left), ${seconds(state.started)}`);
    }
  };
  const onEnd = (tool: ToolName, text: (time: string) => string) => {
    const state = working.get(tool);
    working.delete(tool);
    if (state !== undefined) tell(tool, text(seconds(state.started)));
  };

  return {
    onEvent: (event) => {
      if (event.kind === 'note') tell(event.tool, event.text);
      else if (event.kind === 'step') onStep(event);
      else if (event.kind === 'ready')
        onEnd(event.tool, (time) => `ready, ${event.found.version} in ${time}`);
      else onEnd(event.tool, (time) => `failed after ${time}: ${messageOf(event.error)}`);
    },
    follow: async (provisioning) => {
      const timer = setInterval(heartbeat, 1000);
      try {
        await provisioning.all.catch(() => undefined);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/**
 * Provisions what is missing, and shows how that goes; `signal` ends it. Throws `ExplainedError` with the reason for each it could not
 * get.
 */
export async function everyTool(signal?: AbortSignal): Promise<readonly Tool[]> {
  const progress = provisionProgress();
  const provisioning = startProvisioning(toolNames, {
    onEvent: progress.onEvent,
    ...(signal === undefined ? {} : { signal }),
  });
  await progress.follow(provisioning);
  return await provisioning.all.catch((error: unknown) => {
    throw error instanceof ToolsUnavailableError
      ? new ExplainedError(error.message, { cause: error })
      : error;
  });
}
