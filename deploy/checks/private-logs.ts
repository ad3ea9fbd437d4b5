/** The server's log holds no statements in either run mode. */
import { privateLog, privateSession } from '../../lab/src/parts/postgres-settings.ts';
import { type ComposeFile, textOf } from './compose-file.ts';

/** Settings of PostgreSQL that the native runner sets and compose does not. */
export function privateLogProblems(
  file: ComposeFile,
  init: string = textOf('deploy/postgres-init.sh'),
): string[] {
  const command = [file.services['postgres']?.command ?? []].flat();
  const missing = Object.entries(privateLog)
    .map(([name, value]) => `-c${name}=${value}`)
    .filter((argument) => !command.includes(argument));
  const unset = Object.entries(privateSession)
    .map(([name, value]) => `alter role :"role" set ${name} = '${value}';`)
    .filter((statement) => !init.includes(statement));
  return [
    ...missing.map((argument) => `postgres: its command lacks ${argument}`),
    ...unset.map((statement) => `deploy/postgres-init.sh lacks ${statement}`),
  ];
}
