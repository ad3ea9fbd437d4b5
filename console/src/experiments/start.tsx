/** Starts an experiment, and shows what it prints; where the page cannot start one it shows the command. */
import { type Started, startedPath, watchSchema } from '@microshop/control/console/experiment-schemas';
import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { Said } from '../faults/fault-form.tsx';
import { Wide } from '../look/wide.tsx';

const everyMs = 2000;

/** What an exit code of the command says. */
const outcomes: Readonly<Record<number, string>> = {
  0: '✓ PASS',
  1: '✗ FAIL',
  3: '? INVALID: it proved nothing',
  130: '? ended before it had the mesh',
};

/** The form, and the run that it started. */
export function StartExperiment() {
  const [chosen, setChosen] = useState('abort-30');
  const id = useId();
  const { data, error } = useReading({
    queryKey: ['started'],
    queryFn: ({ signal }) => ask(watchSchema, startedPath, { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const start = useChange(
    (name: string) => ask(watchSchema, startedPath, { method: 'POST', body: { name } }),
    ['started', 'experiments'],
  );
  const stop = useChange(() => ask(watchSchema, startedPath, { method: 'DELETE' }), ['started']);
  const names = data?.names ?? [];
  const started = data?.started ?? null;
  const isUnderWay = started !== null && started.code === null;
  return (
    <section className="card" aria-labelledby="run">
      <h2 id="run">Run one</h2>
      <p>It uses the mesh for a minute or two, sets its fault, and then restores the mesh.</p>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {names.length > 0 && (
        <div className="row">
          <span className="field">
            <label htmlFor={id}>run</label>
            <select id={id} value={chosen} onChange={({ target }) => setChosen(target.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </span>
          <Button
            className="main"
            isDisabled={!start.allowed || start.isPending || isUnderWay}
            onPress={() => start.mutate(chosen)}
          >
            Run {chosen}
          </Button>
          {isUnderWay && (
            <Button className="quiet" isDisabled={!stop.allowed} onPress={() => stop.mutate(undefined)}>
              End it early
            </Button>
          )}
        </div>
      )}
      <Command words={`experiment run ${chosen}`} />
      <Command words="experiment list" />
      <Said error={start.error ?? stop.error} />
      {started !== null && <Progress started={started} />}
    </section>
  );
}

function Progress({ started: { name, code, lines } }: { readonly started: Started }) {
  return (
    <>
      <p role="status">
        {name}: {code === null ? '… under way' : (outcomes[code] ?? `it broke, with ${code}`)}
      </p>
      <Wide label="What it printed">
        <pre className="lines">{lines.join('\n')}</pre>
      </Wide>
    </>
  );
}
