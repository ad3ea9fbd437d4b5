/** What could not be read: why, and whether waiting helps. */
import { mayPass } from '../api/ask.ts';

interface UnreadProps {
  /** Null: it could be read. */
  readonly error: Error | null;
  /** What comes back. */
  readonly what?: string;
}

/** Says it; nothing when there is no error. */
export function Unread({ error, what = 'it' }: UnreadProps) {
  if (error === null) return null;
  return (
    <p className="notice bad">
      {error.message}
      {mayPass(error) ? `; ${what} comes back by itself.` : '.'}
    </p>
  );
}
