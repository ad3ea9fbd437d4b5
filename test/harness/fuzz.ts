/** Requests by the hundred that a description of an API allows, and some that it does not; whether the answers are those it declares. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { originHeader, type ServiceName } from '@microshop/topology';
import { execa } from 'execa';
import { type DescribedOperation, type Description, descriptionOf, operationsIn } from './api-description.ts';
import { type Exchange, exchangesIn } from './exchanges.ts';
import { mesh } from './mesh.ts';
import type { Schemathesis } from './schemathesis.ts';
import { showing } from './sign-in.ts';

/** What is sent. */
export interface FuzzSettings {
  readonly service: ServiceName;
  /** Shown with every request. */
  readonly token?: string;
  /** The same one makes the same requests. */
  readonly seed: number;
  /** Requests made up for each operation, beside its examples and the limits of each of its fields. */
  readonly examples: number;
  /** One operation in place of all. */
  readonly only?: string;
  /** Changes the description that answers are held against. */
  readonly change?: (description: Description) => void;
}

/** What came of it. */
export interface Fuzzed {
  /** What is not as described; empty when all is. */
  readonly findings: string;
  /** What was asked and answered. */
  readonly exchanges: readonly Exchange[];
  /** What it was held against. */
  readonly operations: readonly DescribedOperation[];
}

/**
 * What an answer is held against. Whether all that is not described is refused is not among it: a pattern means another white space
 * there than in ECMAScript, and a header that is not described is no mistake.
 */
const checks = [
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
].join(',');

async function described({ service, change }: FuzzSettings): Promise<Description> {
  const description = await descriptionOf(service);
  for (const methods of Object.values(description.paths)) {
    // it is about what is no call of the API; of a call it would allow every status
    for (const { responses } of Object.values(methods)) delete responses['default'];
  }
  change?.(description);
  return description;
}

/** Who is to be nobody must not sign up by itself; of what is sent, a report hides the token, and leaves keys as they are. */
const configuration = `
[auth]
auto-signup = false

[output.sanitization]
keys-to-sanitize = ["authorization"]
sensitive-markers = ["authorization"]
`;

/** Sends it all; takes some seconds. */
export async function fuzz(program: Schemathesis, settings: FuzzSettings): Promise<Fuzzed> {
  const description = await described(settings);
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-fuzz-'));
  try {
    const files = {
      description: path.join(directory, 'openapi.json'),
      configuration: path.join(directory, 'schemathesis.toml'),
      trust: path.join(directory, 'trust.pem'),
      exchanges: path.join(directory, 'all.har'),
    };
    await writeFile(files.description, JSON.stringify(description));
    await writeFile(files.configuration, configuration);
    await writeFile(files.trust, await mesh.gatewayTrust());
    const headers = {
      [originHeader]: 'test',
      ...(settings.token === undefined ? {} : showing(settings.token)),
    };
    const args = [
      ...['--no-color', '--config-file', files.configuration],
      ...['run', files.description, '--url', mesh.gateway],
      ...['--phases', 'examples,coverage,fuzzing', '--checks', checks, '--warnings', 'off'],
      ...['--seed', String(settings.seed), '--max-examples', String(settings.examples)],
      ...['--generation-database', 'none', '--suppress-health-check', 'all', '--request-timeout', '20'],
      ...['--tls-verify', files.trust, '--report', 'har', '--report-har-path', files.exchanges],
      '--report-preserve-bytes',
      ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      ...(settings.only === undefined ? [] : ['--include-operation-id', settings.only]),
    ];
    const { exitCode, all } = await execa(program.file, [...program.args, ...args], {
      cwd: directory,
      env: program.env,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    if (exitCode !== 0 && exitCode !== 1) throw new Error(`Schemathesis ended with ${exitCode}: ${all}`);
    return {
      findings: exitCode === 0 ? '' : all,
      exchanges: exchangesIn(await readFile(files.exchanges, 'utf8')),
      operations: operationsIn(settings.service, description),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}
