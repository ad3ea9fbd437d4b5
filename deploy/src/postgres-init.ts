/** `deploy/postgres-init.sh`: makes databases and roles in containers. */
import { ownSecrets } from './container-paths.ts';
import {
  databaseRights,
  databases,
  makeDatabase,
  roleRights,
  roles,
  serverDatabasesRights,
} from './databases.ts';
import { text } from './text.ts';

/** The file's text. */
export function postgresInit(): string {
  const statements = [
    ...roles.flatMap(roleRights),
    ...databases.flatMap((database) => [makeDatabase(database), ...databaseRights(database)]),
    serverDatabasesRights,
  ];
  return `${text`
    #!/bin/sh
    # Runs once, when PostgreSQL makes its cluster: a database and a role for each service, and the read-only audit role.
    # What they may do is the same natively: deploy/src/databases.ts; test/e2e/borders.test.ts holds both modes to it.
    set -eu

    run() {
      psql --no-psqlrc --set ON_ERROR_STOP=1 --username "\${POSTGRES_USER:-postgres}" --dbname postgres --quiet "$@"
    }

    # psql reads the password as it is, and quotes it itself; it is not in the command line, where \`ps\` would show it
    make_role() { # ROLE, and whose password it has
      run --set role="$1" --set file="${ownSecrets}/$2-password" <<'SQL'
    \set password \`cat :'file'\`
    CREATE ROLE :"role" PASSWORD :'password';
    SQL
    }

    ${roles.map(({ name, password }) => `make_role ${name} ${password}`)}
    run <<'SQL'
    ${statements.map((statement) => `${statement};`)}
    SQL
  `}\n`;
}
