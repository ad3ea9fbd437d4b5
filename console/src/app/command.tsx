/** The command that does the same as a button, to copy. */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useSession } from '../api/session.ts';

/** Shows it as it is typed where the mesh runs; `words` are what follows `./mesh`. */
export function Command({ words }: { readonly words: string }) {
  const session = useSession().data;
  const [copied, setCopied] = useState(false);
  const { command = './mesh', mode = 'native', instance = 1 } = session ?? {};
  const text = `${mode === 'native' && instance !== 1 ? `MESH_INSTANCE=${instance} ` : ''}${command} ${words}`;
  return (
    <p className="command">
      <code>{text}</code>
      <Button
        className="quiet"
        aria-label={`Copy ${text}`}
        onPress={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        {copied ? 'copied' : 'copy'}
      </Button>
    </p>
  );
}
