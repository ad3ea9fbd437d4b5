#!/bin/sh
# Runs once, when PostgreSQL makes its cluster: a database and a role for each service, and the read-only audit role.
# The native runner makes the same in lab/src/parts/postgres-roles.ts; test/e2e/borders.test.ts holds both to it.
set -eu
secrets=/run/mesh-secrets

run() {
  psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres "$@"
}

# psql quotes :'password' itself; it is not in the command line, where `ps` would show it
make_role() { # ROLE
  { printf "\\\\set password '%s'\n" "$(cat "$secrets/$1-password")"; cat; } <<'SQL' | run --set role="$1" --quiet
create role :"role" login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'password';
-- a message can quote the value that was wrong: lab/src/parts/postgres-settings.ts
alter role :"role" set log_min_messages = 'log';
SQL
}

make_role audit
run --quiet <<'SQL'
alter role audit set default_transaction_read_only = on;
grant pg_read_all_data to audit;
SQL

for service in users products orders; do
  make_role "$service"
  run --quiet --set role="$service" --set database="${service}_db" <<'SQL'
create database :"database" owner :"role";
revoke all on database :"database" from public;
grant connect on database :"database" to audit;
SQL
done

run --quiet <<'SQL'
revoke all on database postgres, template1 from public;
SQL
