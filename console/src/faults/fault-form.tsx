/** A form that sets a fault. */
import { faultAnswerSchema } from '@microshop/control/changes/schemas';
import { type ReactNode, useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { Command } from '../app/command.tsx';
import { commandOf, effectChoices, faultable, requestOf, usualValue, type Wish } from './fault-command.ts';

const setFault = (wish: Wish) =>
  ask(faultAnswerSchema, '/api/faults', { method: 'POST', body: requestOf(wish) });

/** Which fault to begin with, and whether service and caller are fixed. */
interface FormProps {
  readonly first: Wish;
  readonly fixed?: boolean;
}

/** The form; it names the command that does the same. */
export function FaultForm({ first, fixed = false }: FormProps) {
  const [wish, setWish] = useState(first);
  const set = useChange(setFault, ['faults', 'overview']);
  const change = (some: Partial<Wish>) => setWish({ ...wish, ...some });
  const callers = faultable.find(({ name }) => name === wish.service)?.callers ?? [];
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate(wish);
      }}
    >
      {!fixed && (
        <>
          <Choice
            label="service"
            value={wish.service}
            options={faultable.map(({ name }) => [name, name])}
            choose={(service) => change({ service, from: 'any' })}
          />
          <Choice
            label="calls of"
            value={wish.from}
            options={[['any', 'every caller'], ...callers.map((name) => [name, name] as const)]}
            choose={(from) => change({ from })}
          />
        </>
      )}
      <Choice
        label="what"
        value={wish.effect}
        options={effectChoices}
        choose={(effect) => change({ effect, value: usualValue[effect] })}
      />
      {(wish.effect === 'abort' || wish.effect === 'delay_ms') && (
        <NumberIn
          label={wish.effect === 'abort' ? 'status' : 'milliseconds'}
          value={wish.value}
          least={wish.effect === 'abort' ? 400 : 1}
          most={wish.effect === 'abort' ? 599 : 600_000}
          change={(value) => change({ value })}
        />
      )}
      <NumberIn
        label="percent"
        value={wish.percent}
        least={1}
        most={100}
        change={(percent) => change({ percent })}
      />
      <NumberIn
        label="seconds (0: stays)"
        value={wish.seconds}
        least={0}
        most={86_400}
        change={(seconds) => change({ seconds })}
      />
      <Button type="submit" className="main" isDisabled={!set.allowed || set.isPending}>
        {set.isPending ? 'setting…' : 'Set fault'}
      </Button>
      <Said error={set.error}>
        {set.data !== undefined &&
          (set.data.waiting_for.length === 0
            ? 'In effect.'
            : `Set; not yet in effect at ${set.data.waiting_for.join(', ')}.`)}
      </Said>
      <Command words={commandOf(wish)} />
    </form>
  );
}

/** What came of a change, said aloud by a screen reader. */
export function Said({ error, children }: { readonly error: Error | null; readonly children?: ReactNode }) {
  return (
    <output className={error === null ? 'said' : 'said bad'}>
      {error === null ? children : error.message}
    </output>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly choose: (value: Value) => void;
}

/** One of several. */
export function Choice<Value extends string>({ label, value, options, choose }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <span className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ target }) => {
          const found = options.find(([one]) => one === target.value);
          if (found !== undefined) choose(found[0]);
        }}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly change: (value: number) => void;
}

/** A whole number. While the field is empty, which no form sends, the last number stands. */
export function NumberIn({ label, value, least, most, change }: NumberProps) {
  const id = useId();
  const [isEmpty, setEmpty] = useState(false);
  return (
    <span className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        required
        min={least}
        max={most}
        value={isEmpty ? '' : value}
        onChange={({ target: { valueAsNumber: typed } }) => {
          setEmpty(Number.isNaN(typed));
          if (!Number.isNaN(typed)) change(typed);
        }}
      />
    </span>
  );
}
