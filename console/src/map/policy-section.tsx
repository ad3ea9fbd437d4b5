/** The policy of an edge: what is in effect, what differs from the topology, and a form that changes one field. */
import { policyListSchema } from '@microshop/control/changes/schemas';
import { policyFieldList } from '@microshop/topology';
import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { Said } from '../faults/fault-form.tsx';
import { unbroken } from '../look/format.ts';

/** Time between two readings, milliseconds: policies change on purpose only. */
const everyMs = 10_000;

interface Edge {
  readonly caller: string;
  readonly callee: string;
}

type Value = string | number | null;

const fieldOf = (name: string) => policyFieldList.find((field) => field.name === name);

/** A value as people read it: milliseconds and percents with their unit. */
function valueText(name: string, value: Value): string {
  if (value === null) return '–';
  const kind = fieldOf(name)?.kind;
  return unbroken(`${value}${kind === 'duration' ? ' ms' : kind === 'percent' ? ' %' : ''}`);
}

/** The section. */
export function PolicySection({ caller, callee }: Edge) {
  const { data, error } = useReading({
    queryKey: ['policies'],
    queryFn: ({ signal }) => ask(policyListSchema, '/api/policies', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const found = data?.policies.find((one) => one.caller === caller && one.callee === callee);
  const reset = useChange(
    () => ask(policyListSchema, `/api/policies/${caller}/${callee}`, { method: 'DELETE' }),
    ['policies', 'overview'],
  );
  return (
    <section aria-labelledby="policy">
      <h3 id="policy">Policy</h3>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {found !== undefined && (
        <>
          <table>
            <tbody>
              {Object.entries(found.policy).map(([name, value]) => (
                <tr key={name} className={name in found.changed ? 'changed' : undefined}>
                  <th scope="row">{fieldOf(name)?.flag ?? name}</th>
                  <td>
                    {valueText(name, value)}
                    {name in found.changed && (
                      <span className="badge plain">
                        topology: {valueText(name, found.changed[name] ?? null)}
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <PolicyForm caller={caller} callee={callee} policy={found.policy} />
          {Object.keys(found.changed).length > 0 && (
            <div className="row">
              <Button
                className="quiet"
                isDisabled={!reset.allowed || reset.isPending}
                onPress={() => reset.mutate(undefined)}
              >
                Back to the topology
              </Button>
              <Command words={`policy reset ${caller} ${callee}`} />
            </div>
          )}
          <Said error={reset.error} />
        </>
      )}
    </section>
  );
}

function PolicyForm({ caller, callee, policy }: Edge & { readonly policy: Readonly<Record<string, Value>> }) {
  const [name, setName] = useState('tries');
  const [text, setText] = useState(String(policy['tries'] ?? ''));
  const ids = { field: useId(), value: useId() };
  const field = fieldOf(name);
  const change = useChange(
    (wanted: Readonly<Record<string, string | number>>) =>
      ask(policyListSchema, `/api/policies/${caller}/${callee}`, { method: 'PUT', body: wanted }),
    ['policies', 'overview'],
  );
  const waiting = change.data?.waiting_for ?? [];
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ [name]: field?.kind === 'text' ? text : Number(text) });
      }}
    >
      <span className="field">
        <label htmlFor={ids.field}>change</label>
        <select
          id={ids.field}
          value={name}
          onChange={({ target }) => {
            setName(target.value);
            setText(String(policy[target.value] ?? ''));
          }}
        >
          {Object.keys(policy).map((one) => (
            <option key={one} value={one}>
              {fieldOf(one)?.flag ?? one}
            </option>
          ))}
        </select>
      </span>
      <span className="field">
        <label htmlFor={ids.value}>to</label>
        <input id={ids.value} required value={text} onChange={({ target }) => setText(target.value)} />
      </span>
      <Button type="submit" className="main" isDisabled={!change.allowed || change.isPending}>
        {change.isPending ? 'applying…' : 'Apply policy'}
      </Button>
      <Said error={change.error}>
        {change.data !== undefined &&
          (waiting.length === 0 ? 'In effect.' : `Applied; not yet at ${waiting.join(', ')}.`)}
      </Said>
      <Command
        words={`policy set ${caller} ${callee} --${field?.flag ?? name} ${text}${field?.kind === 'duration' ? 'ms' : ''}`}
      />
    </form>
  );
}
