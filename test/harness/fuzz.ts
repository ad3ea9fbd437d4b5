/** Requests by the hundred that a description of an API allows, and some that it does not; whether the answers are those it declares. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates } from 'node:tls';
import { labOrigin, originHeader, type ServiceName } from '@microshop/topology';
import { execa } from 'execa';
import { saysLate } from './late.ts';
import { mesh } from './mesh.ts';
import type { Schemathesis } from './schemathesis.ts';
import { showing } from './sign-in.ts';

/** A description, as far as it is changed here. */
export interface FuzzedDocument {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly operationId: string; readonly responses: Record<string, object> }>>
    >
  >;
}

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
  readonly change?: (document: FuzzedDocument) => void;
}

/** What came of it. */
export interface Fuzzed {
  /** What is not as described; empty when all is. */
  readonly findings: string;
  /** Answers with a status from 500 that a busy machine does not explain. */
  readonly failures: readonly string[];
  /** How many answers of each status an operation gave, by its name. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** An exchange in a file of the format HAR 1.2, as far as it is read here. */
interface Exchange {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly postData?: { readonly text: string };
  };
  readonly response: { readonly status: number; readonly content: { readonly text?: string } };
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

async function described({ service, change }: FuzzSettings): Promise<FuzzedDocument> {
  // a fault that is set for what is sent later leaves the lab alone
  const asLab = { headers: { [originHeader]: labOrigin } };
  const answer = await fetch(new URL(`/docs/${service}/json`, mesh.gateway), asLab);
  if (answer.status !== 200) throw new Error(`The description of ${service} was answered ${answer.status}`);
  const document: FuzzedDocument = JSON.parse(await answer.text());
  for (const methods of Object.values(document.paths)) {
    // it is about what is no call of the API; of a call it would allow every status
    for (const { responses } of Object.values(methods)) delete responses['default'];
  }
  change?.(document);
  return document;
}

/** Who is to be nobody must not sign up by itself. */
const configuration = '[auth]\nauto-signup = false\n';

/** Sends it all; takes some seconds. */
export async function fuzz(program: Schemathesis, settings: FuzzSettings): Promise<Fuzzed> {
  const document = await described(settings);
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-fuzz-'));
  try {
    const files = {
      document: path.join(directory, 'openapi.json'),
      configuration: path.join(directory, 'schemathesis.toml'),
      trust: path.join(directory, 'trust.pem'),
      exchanges: path.join(directory, 'all.har'),
    };
    await writeFile(files.document, JSON.stringify(document));
    await writeFile(files.configuration, configuration);
    // what this process trusts
    await writeFile(files.trust, getCACertificates().join('\n'));
    const headers = {
      [originHeader]: 'test',
      ...(settings.token === undefined ? {} : showing(settings.token)),
    };
    const args = [
      ...['--no-color', '--config-file', files.configuration, 'run', files.document, '--url', mesh.gateway],
      ...['--phases', 'examples,coverage,fuzzing', '--checks', checks, '--warnings', 'off'],
      ...['--seed', String(settings.seed), '--max-examples', String(settings.examples)],
      ...['--generation-database', 'none', '--suppress-health-check', 'all', '--request-timeout', '20'],
      ...['--tls-verify', files.trust, '--report', 'har', '--report-har-path', files.exchanges],
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
    const { log }: { log: { entries: Exchange[] } } = JSON.parse(await readFile(files.exchanges, 'utf8'));
    return {
      findings: exitCode === 0 ? '' : all,
      failures: log.entries.filter(isFailure).map(shown),
      answers: counted(document, log.entries),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function isFailure({ response: { status, content } }: Exchange): boolean {
  if (status < 500) return false;
  try {
    return !saysLate(JSON.parse(content.text ?? ''));
  } catch {
    return true;
  }
}

function shown({ request, response }: Exchange): string {
  const body = request.postData === undefined ? '' : ` ${request.postData.text}`;
  return `${request.method} ${request.url}${body}: ${response.status} ${response.content.text ?? ''}`;
}

/** The answers of each operation; what no operation has, as another method, is left out. */
function counted(
  { paths }: FuzzedDocument,
  exchanges: readonly Exchange[],
): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const operations = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({
      name: operationId,
      method: method.toUpperCase(),
      pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
      // `/api/users/login` is no user
      literal: template,
    })),
  );
  const answers = new Map<string, Map<number, number>>();
  for (const { request, response } of exchanges) {
    const { pathname } = new URL(request.url);
    const fitting = operations.filter(
      ({ method, pattern }) => method === request.method && pattern.test(pathname),
    );
    const operation = fitting.find(({ literal }) => literal === pathname) ?? fitting[0];
    if (operation === undefined) continue;
    const ofThis = answers.get(operation.name) ?? new Map<number, number>();
    answers.set(operation.name, ofThis.set(response.status, (ofThis.get(response.status) ?? 0) + 1));
  }
  return answers;
}
