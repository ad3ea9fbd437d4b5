/** The compose file as the checks read it: anchors and merges resolved, variables left as they are written. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkout } from '@microshop/deploy/workspaces';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';

const text = Type.String();
const variables = Type.Record(text, text);

const serviceSchema = Type.Object({
  image: text,
  container_name: Type.Optional(text),
  build: Type.Optional(Type.Unknown()),
  user: Type.Optional(text),
  group_add: Type.Optional(Type.Array(text)),
  read_only: Type.Optional(Type.Boolean()),
  privileged: Type.Optional(Type.Boolean()),
  cap_drop: Type.Optional(Type.Array(text)),
  cap_add: Type.Optional(Type.Array(text)),
  security_opt: Type.Optional(Type.Array(text)),
  logging: Type.Optional(Type.Object({ driver: text, options: Type.Optional(variables) })),
  mem_limit: Type.Optional(text),
  pids_limit: Type.Optional(Type.Integer()),
  restart: Type.Optional(text),
  profiles: Type.Optional(Type.Array(text)),
  command: Type.Optional(Type.Array(text)),
  environment: Type.Optional(variables),
  volumes: Type.Optional(Type.Array(text)),
  ports: Type.Optional(Type.Array(text)),
  network_mode: Type.Optional(text),
  networks: Type.Optional(Type.Union([Type.Array(text), Type.Record(text, Type.Unknown())])),
});

const composeSchema = Type.Object({ services: Type.Record(text, serviceSchema) });

/** One service of the compose file. */
export type ComposeService = Static<typeof serviceSchema>;
/** The compose file. */
export type ComposeFile = Static<typeof composeSchema>;

/** A file of the checkout. */
export function textOf(file: string): string {
  return readFileSync(path.join(checkout, file), 'utf8');
}

/** The project's own compose file. Throws when it uses a form that the checks do not know. */
export function composeFile(): ComposeFile {
  const file: unknown = parse(textOf('docker-compose.yml'), { merge: true, maxAliasCount: -1 });
  if (Value.Check(composeSchema, file)) return file;
  const [first] = Value.Errors(composeSchema, file);
  throw new Error(`docker-compose.yml${first?.instancePath}: ${first?.message}`);
}

/** The service of that name. Throws when there is none. */
export function serviceOf(file: ComposeFile, name: string): ComposeService {
  const service = file.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

/** Networks a service is on; those of its pod when it lives in one. */
export function networksOf(file: ComposeFile, name: string): readonly string[] {
  const { network_mode: mode, networks = [] } = serviceOf(file, name);
  if (mode?.startsWith('service:')) return networksOf(file, mode.slice('service:'.length));
  return Array.isArray(networks) ? networks : Object.keys(networks);
}
