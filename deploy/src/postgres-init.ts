/** `deploy/postgres-init.sh`: databases and roles in containers. */
import { auditRole, services } from '@microshop/topology';
import { ownSecrets } from './container-paths.ts';
import { privateSession } from './settings/postgres.ts';
import { text } from './text.ts';

/** The file's text. */
export function postgresInit(): string {
  const settings = Object.entries(privateSession).map(
    ([name, value]) => `alter role :"role" set ${name} = '${value}';`,
  );
  return `${text`
    #!/bin/sh
    # Runs once, when PostgreSQL makes its cluster: a database and a role for each service, and the read-only audit role.
    # The native runner makes the same in native/src/parts/postgres-roles.ts; test/e2e/borders.test.ts holds both to it.
    set -eu
    secrets=${ownSecrets}

    run() {
      psql --no-psqlrc --set ON_ERROR_STOP=1 --username "\${POSTGRES_USER:-postgres}" --dbname postgres "$@"
    }

    # psql quotes :'password' itself; it is not in the command line, where \`ps\` would show it
    make_role() { # ROLE, and the name of its password
      { printf "\\\\set password '%s'\n" "$(cat "$secrets/$2-password")"; cat; } <<'SQL' | run --set role="$1" --quiet
    create role :"role" login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'password';
    -- a message can quote the value that was wrong: deploy/src/settings/postgres.ts
    ${settings}
    SQL
    }

    make_database() { # NAME ROLE
      run --quiet --set database="$1" --set role="$2" <<'SQL'
    create database :"database" owner :"role";
    revoke all on database :"database" from public;
    grant connect on database :"database" to ${auditRole};
    SQL
    }

    make_role ${auditRole} ${auditRole}
    run --quiet <<'SQL'
    alter role ${auditRole} set default_transaction_read_only = on;
    grant pg_read_all_data to ${auditRole};
    SQL

    ${services.map(
      ({ name, database }) =>
        `make_role ${database.role} ${name}\nmake_database ${database.name} ${database.role}`,
    )}

    run --quiet <<'SQL'
    revoke all on database postgres, template1 from public;
    SQL
  `}\n`;
}
