/** Running PostgreSQL from a root shell. It refuses to be root, and a checkout below /root is closed to anyone else. */
import path from 'node:path';
import { messageOf } from '@microshop/program-kit/errors';
import { run } from '../tools/run.ts';

/** What goes before the command line of PostgreSQL's programs, and who must own its data directory. */
export interface PostgresAccount {
  readonly prefix: readonly string[];
  /** `undefined`: whoever runs the mesh. */
  readonly owner: number | undefined;
}

/** `nobody`, on Debian and its relatives. */
const nobody = 65_534;

/**
 * Changes to `nobody`, keeping one capability: to pass directories closed to it. PostgreSQL tests its own program
 * with access(2), and for a user who is not root the kernel drops capabilities in that call unless the process is
 * marked with no_setuid_fixup (capabilities(7)); without the mark initdb says "invalid binary". A container's
 * usual set of capabilities has all this takes.
 */
const asNobody: PostgresAccount = {
  prefix: [
    'setpriv',
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    '--securebits=+no_setuid_fixup',
    '--',
  ],
  owner: nobody,
};

/** A user namespace in which root has another number: files stay root's own. Containers often forbid it. */
const inNamespace: PostgresAccount = {
  prefix: ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'],
  owner: 0,
};

/**
 * How PostgreSQL's programs in `directory` can be run by this user: as they are, or for root through the first way
 * that works here. Both replace themselves by the program, so the pid is the server's. Throws when none does.
 */
export async function postgresAccount(directory: string): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  const failures: string[] = [];
  for (const account of [asNobody, inNamespace]) {
    const [file = '', ...args] = account.prefix;
    try {
      // --show makes the checks and ends; it writes nothing
      await run(file, [...args, path.join(directory, 'initdb'), '--show', '-D', '/nonexistent']);
      return account;
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and neither setpriv nor unshare could start it as another user.\n` +
      `Start the mesh as a normal user, or install util-linux 2.33 or newer.\n${failures.join('\n')}`,
  );
}
