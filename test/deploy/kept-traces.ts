/** The file over the compose file that lets traces outlive Jaeger, compared with Jaeger's settings and with what it may write. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseDocument } from 'yaml';
import { type ComposeFile, serviceOf } from './compose-file.ts';

const overSchema = Type.Object({
  services: Type.Object({
    jaeger: Type.Object({ tmpfs: Type.Array(Type.String()), volumes: Type.Array(Type.String()) }),
  }),
  volumes: Type.Record(Type.String(), Type.Unknown()),
});

const configSchema = Type.Object({
  extensions: Type.Object({
    jaeger_storage: Type.Object({
      backends: Type.Record(
        Type.String(),
        Type.Object({
          badger: Type.Object({
            ephemeral: Type.Boolean(),
            directories: Type.Object({ keys: Type.String(), values: Type.String() }),
          }),
        }),
      ),
    }),
  }),
});

/**
 * What is wrong with it: `over` is its text, `configOf` reads a file of the checkout. Docker gives a new volume the owner and
 * mode of the directory it is mounted over: of the image's, only `/tmp` can be written by its user.
 */
export function keptTracesProblems(
  file: ComposeFile,
  over: string,
  configOf: (path: string) => string,
): string[] {
  // compose's own tag, which no YAML knows: the warning would stand on standard error
  const document = parseDocument(over, { logLevel: 'error' });
  const { services, volumes } = Value.Parse(overSchema, document.toJS());
  const mounts = services.jaeger.volumes.map((text) => text.split(':'));
  const target = serviceOf(file, 'jaeger').command?.at(-1);
  const [config] = mounts.find(([, inside]) => inside === target) ?? [];
  if (config === undefined) return [`it mounts nothing over ${target ?? 'the configuration'}`];
  const problems: string[] = [];
  const [name = ''] = mounts.find(([, inside]) => inside === '/tmp') ?? [];
  if (!(name in volumes)) problems.push('no volume of its own is mounted over /tmp');
  if (tagOf(document.getIn(['services', 'jaeger', 'tmpfs'], true)) !== '!reset')
    problems.push('/tmp is in memory as well');
  const { backends } = Value.Parse(configSchema, parseDocument(configOf(config)).toJS()).extensions
    .jaeger_storage;
  for (const { badger } of Object.values(backends)) {
    if (badger.ephemeral) problems.push(`${config} forgets traces at the end`);
    for (const directory of Object.values(badger.directories)) {
      if (!directory.startsWith('/tmp/')) problems.push(`${directory} is on no volume`);
    }
  }
  return problems;
}

function tagOf(node: unknown): unknown {
  return typeof node === 'object' && node !== null && 'tag' in node ? node.tag : undefined;
}
