/**
 * Draws a dashboard from what the Prometheus of a running mesh holds, as one SVG:
 *
 *     node_modules/.bin/node grafana/src/render/main.ts shop-overview --last 3m --out docs/pictures/shop-overview.svg
 *
 * For documentation: what a dashboard shows is seen without Grafana.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { instanceNumber, nativePlacement } from '@microshop/topology';
import { optimize } from 'svgo';
import { drawnOf } from './dashboard.ts';
import { filled, rangeUntil } from './fill.ts';
import { picture } from './picture.ts';

const usage = `Usage: node_modules/.bin/node grafana/src/render/main.ts <dashboard> --out <file.svg>
  <dashboard>      name of a file in grafana/dashboards, without .json
  --out <file>     where to write the picture
  --last <n>m      minutes it shows (default: those of the dashboard)
  --until <time>   where it ends, like 2026-01-31T10:00:00Z (default: now)
  --row <title>    one row of the dashboard (default: all)
The mesh is that of MESH_INSTANCE.`;

/** What the command line says. Throws an error that names what is wrong there. */
function commandLine(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      last: { type: 'string' },
      until: { type: 'string' },
      row: { type: 'string' },
    },
  });
  const [uid, ...others] = positionals;
  const { out, last, until, row } = values;
  if (uid === undefined || others.length > 0 || out === undefined) throw new Error(usage);
  const [, minutes] = /^(\d+)m$/.exec(last ?? '1m') ?? [];
  if (minutes === undefined) throw new Error(`--last must be minutes like 3m, not "${last}"`);
  const untilMs = until === undefined ? Date.now() : Date.parse(until);
  if (Number.isNaN(untilMs))
    throw new Error(`--until must be a time like 2026-01-31T10:00:00Z, not "${until}"`);
  return { uid, out, minutes: last === undefined ? undefined : Number(minutes), untilMs, row };
}

/** The JSON of a dashboard. Throws an error that lists them all when there is none of that name. */
function dashboardText(uid: string): string {
  const folder = path.join(import.meta.dirname, '../../dashboards');
  const known = readdirSync(folder).map((file) => path.basename(file, '.json'));
  if (!known.includes(uid)) throw new Error(`There is no dashboard "${uid}"; there are: ${known.join(', ')}`);
  return readFileSync(path.join(folder, `${uid}.json`), 'utf8');
}

async function main(): Promise<void> {
  const { uid, out, minutes, untilMs, row } = commandLine(process.argv.slice(2));
  const json = dashboardText(uid);
  const range = rangeUntil(untilMs, minutes ?? drawnOf(json).minutes);
  const { host, port } = nativePlacement({ instance: instanceNumber() }).prometheus;
  const { title, panels, scene } = await filled(json, { prometheus: `http://${host}:${port}`, range, row });
  const svg = picture(row === undefined ? title : `${title}: ${row}`, panels, scene);
  // a third smaller, with no visible difference
  writeFileSync(out, `${optimize(svg, { floatPrecision: 2 }).data}\n`);
  process.stdout.write(`${out}\n`);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
