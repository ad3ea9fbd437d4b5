/** Orders at a rate, for a map that has something to show. */
import { type Traffic, trafficSchema } from '@microshop/control/console/schemas';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { Command } from '../app/command.tsx';
import { ageText } from '../look/format.ts';

const path = '/api/console/traffic';
const twentyForAMinute = { rate: 20, seconds: 60 };

/** Begins or ends twenty orders a second for a minute. */
export function TrafficSwitch({ traffic }: { readonly traffic: Traffic }) {
  const { rate, left_s: left, placed, refused, failed } = traffic;
  const counts = `${placed} accepted, ${refused} refused (such as sold out), ${failed} failed`;
  const change = useChange(
    (on: boolean) =>
      ask(trafficSchema, path, on ? { method: 'POST', body: twentyForAMinute } : { method: 'DELETE' }),
    ['overview'],
  );
  return (
    <div className="row traffic">
      <output className="said">
        {rate > 0 ? `${rate} orders per second, ${ageText(left)} left: ` : ''}
        {placed + refused + failed > 0 ? counts : ''}
      </output>
      <Button
        className="main"
        isDisabled={!change.allowed || change.isPending}
        onPress={() => change.mutate(rate === 0)}
      >
        {rate > 0 ? 'Stop orders' : 'Place 20 orders/s for a minute'}
      </Button>
      <Command words="load steady --rate 20 --duration 1m" />
    </div>
  );
}
