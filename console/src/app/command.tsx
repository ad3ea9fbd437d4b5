/** The command that does the same as a button, to copy. */
import { Fragment, useState } from 'react';
import { Button } from 'react-aria-components';
import { useSession } from '../api/session.ts';
import { typed } from './typed.ts';

interface CommandProps {
  /** What follows `./mesh`. */
  readonly words: string;
  /** Whether it is typed in the checkout, in containers too. */
  readonly inCheckout?: boolean;
}

/** Shows it as it is typed where the mesh runs. */
export function Command({ words, inCheckout = false }: CommandProps) {
  const session = useSession().data;
  const [copied, setCopied] = useState(false);
  const text = typed(words, session && { ...session, mode: inCheckout ? 'native' : session.mode });
  return (
    <p className="command">
      <code>
        {text.split(' ').map((word, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice
          <Fragment key={index}>
            {index > 0 && ' '}
            <span className="word">{word}</span>
          </Fragment>
        ))}
      </code>
      <Button
        className="quiet"
        aria-label={`${copied ? 'copied' : 'copy'} ${text}`}
        onPress={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        {copied ? 'copied' : 'copy'}
      </Button>
    </p>
  );
}
