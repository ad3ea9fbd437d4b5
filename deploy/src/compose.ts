/** The whole `docker-compose.yml`: what is written by hand in it stands in `compose/`, section by section. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { anchors } from './compose/common.ts';
import { control, labEnvironment, tools } from './compose/lab.ts';
import { projectName } from './compose/lines.ts';
import { commonEnvironment, gateway, pods } from './compose/pods.ts';
import { servers } from './compose/servers.ts';
import { views } from './compose/views.ts';
import { networksSection } from './networks.ts';
import { usualPort } from './ports.ts';
import { text } from './text.ts';
import { volumesSection } from './volumes.ts';

/** Blocks with an empty line between them. */
function apart(...blocks: readonly string[]): string {
  return blocks.join('\n\n');
}

/** The file's text. */
export function composeFile(): string {
  const sections = apart(
    anchors(commonEnvironment()),
    labEnvironment(),
    text`
      services:
        # --- the way in
        ${gateway()}

        # --- the pods: network namespace, app, sidecar. Others find a pod by the name of its service.
        ${apart(...pods())}

        # --- the lab: makes the passwords at first start, keeps the certificates new, seeds demo data, answers questions about orders
        ${apart(control(), tools())}

        # --- servers
        ${apart(...servers())}

        # --- what shows it
        ${apart(...views())}
    `,
    networksSection(),
    volumesSection(),
  );
  const { all, slim } = memoryOf(sections);
  return `${text`
    # The whole mesh in containers: \`docker compose up -d --wait\`, then http://127.0.0.1:${usualPort('gateway')}/api/products
    # What to look at first, and what to do when something is wrong: docs/compose.md. Ports can be changed in .env (see .env.example).
    # Versions and how they are raised: docs/images.md.
    # Memory: the limits below add up to ${all} MiB (${slim} without Grafana); after the first orders about 780 MiB are in use, without Grafana.
    name: ${projectName}

    # There is one of each: a second app would find the port of its pod taken, a second server the port on the host. So each has a
    # name of its own, with which compose refuses \`--scale\` (docs/compose.md#replicas).

    ${sections}
  `}\n`;
}

const limitsSchema = Type.Object({
  services: Type.Record(
    Type.String(),
    Type.Object({
      mem_limit: Type.String({ pattern: '^\\d+m$' }),
      profiles: Type.Optional(Type.Array(Type.String())),
    }),
  ),
});

/** Sums of the memory limits of what always runs, MiB: of all, and without Grafana. */
function memoryOf(sections: string): { readonly all: string; readonly slim: string } {
  // no limit on aliases: the text is ours, and each service has some
  const file: unknown = parse(sections, { merge: true, maxAliasCount: -1 });
  const { services } = Value.Parse(limitsSchema, file);
  const sum = (names: readonly string[]) =>
    String(names.reduce((total, name) => total + Number.parseInt(services[name]?.mem_limit ?? '', 10), 0));
  const always = Object.keys(services).filter((name) => services[name]?.profiles === undefined);
  return { all: sum(always), slim: sum(always.filter((name) => name !== 'grafana')) };
}
