/** The status of an order: a sign and a word beside the colour. */
import type { ListedOrder } from '@microshop/control/console/schemas';

const looks = {
  PENDING: { sign: '…', health: 'watched' },
  CONFIRMED: { sign: '✓', health: 'well' },
  REJECTED: { sign: '✗', health: 'bad' },
} as const;

/** The status. */
export function StatusText({ status }: Pick<ListedOrder, 'status'>) {
  const { sign, health } = looks[status];
  return (
    <span className={`state ${health}`}>
      {sign} {status}
    </span>
  );
}
