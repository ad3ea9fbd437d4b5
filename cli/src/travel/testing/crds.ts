/**
 * Checks resources against the definitions that their makers publish: the schema, no field that it does not know, and the rules in
 * CEL. A Kubernetes API server does the same and more; this needs none.
 */
import { readFile } from 'node:fs/promises';
import { type CelInput, celEnv, parse, plan } from '@bufbuild/cel';
import { Ajv, type ErrorObject } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { filesOf, type GoModule } from './modules.ts';

/** Istio. */
export const istioModules: readonly GoModule[] = [
  {
    module: 'istio.io/api',
    version: 'v1.32.0',
    sum: 'h1:37mJvg9I0biYZAEQF+MATs4FNeCpXEIVO3LFpVb6iNM=',
    files: ['kubernetes/customresourcedefinitions.gen.yaml'],
  },
];

/** Gateway API. */
export const gatewayApiModules: readonly GoModule[] = [
  {
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.7.0',
    sum: 'h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=',
    files: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  },
];

/** The Prometheus operator. */
export const operatorModules: readonly GoModule[] = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['podmonitors', 'prometheusrules'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
];

/** cert-manager. */
export const certManagerModules: readonly GoModule[] = [
  {
    module: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    files: ['deploy/crds/cert-manager.io_certificates.yaml'],
  },
];

/** A rule of a schema. */
interface Rule {
  readonly rule: string;
  readonly message?: string;
}

/** A schema as a definition has it, as far as it is read here. */
interface Schema {
  readonly type?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly Rule[];
}

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** Something that says what is wrong with a resource; a sentence for each mistake. */
export type Checker = (resource: object) => Promise<readonly string[]>;

/** A checker by the definitions that those modules publish. */
export async function definitionChecker(
  modules: readonly GoModule[] = [...istioModules, ...gatewayApiModules],
): Promise<Checker> {
  const files = await filesOf(modules);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const definitions = texts.flatMap((text) =>
    parseAllDocuments(text).flatMap((document): Definition[] => {
      const definition: Definition | null = document.toJS();
      return definition?.kind === 'CustomResourceDefinition' ? [definition] : [];
    }),
  );
  const validators = new Map<Schema, ReturnType<Ajv['compile']>>();
  const ajv = new Ajv({ strict: false, allErrors: true, useDefaults: true, validateFormats: false });
  return async (resource) => {
    const schema = schemaOf(definitions, resource);
    const validate = validators.get(schema) ?? ajv.compile(strictResource(schema));
    validators.set(schema, validate);
    // defaults are written into it, as the server does before it looks at the rules
    const copy: unknown = structuredClone(resource);
    const wrong = validate(copy) ? [] : (validate.errors ?? []).map(errorText);
    return [...wrong, ...brokenRules(schema, copy, '')];
  };
}

function schemaOf(definitions: readonly Definition[], resource: object): Schema {
  const { apiVersion = '', kind = '' }: { apiVersion?: string; kind?: string } = { ...resource };
  const [group, version] = apiVersion.split('/');
  const found = definitions
    .find(({ spec }) => spec.group === group && spec.names.kind === kind)
    ?.spec.versions.find(({ name }) => name === version);
  if (found === undefined) throw new Error(`There is no definition of ${apiVersion} ${kind}`);
  return found.schema.openAPIV3Schema;
}

function errorText({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}

/** The schema of a whole resource, which names only what is beside the fields that all resources have. */
function strictResource(schema: Schema): Schema {
  const { properties = {} } = schema;
  const common = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  return strict({ ...schema, properties: { ...common, ...properties } });
}

/** The schema with every field refused that it does not name; a server drops them, or refuses them when asked to be strict. */
function strict(schema: Schema): Schema {
  const { pattern, properties, items, additionalProperties: more } = schema;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || more !== undefined;
  return {
    ...schema,
    // Go's way to say that case does not matter
    ...(pattern === undefined ? {} : { pattern: pattern.replace(/^\^\(\?i\)(.*)$/, '^(?i:$1)') }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [name, strict(inner)]),
          ),
        }),
    ...(items === undefined ? {} : { items: strict(items) }),
    ...(typeof more === 'object' ? { additionalProperties: strict(more) } : {}),
    ...(properties !== undefined && !open ? { additionalProperties: false } : {}),
  };
}

/** Words of CEL that cannot be names of fields; a rule writes them so. */
const reserved: readonly string[] = ['namespace', 'in', 'const', 'function', 'package', 'import'];

/** The value as rules see it: whole numbers are those of CEL, reserved names are written as rules write them. */
function asCel(schema: Schema | undefined, value: unknown): CelInput {
  if (typeof value === 'number') return schema?.type === 'integer' ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((one) => asCel(schema?.items, one));
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object') throw new TypeError(`${typeof value} is no JSON`);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      reserved.includes(name) ? `__${name}__` : name,
      asCel(innerSchema(schema, name), inner),
    ]),
  );
}

function innerSchema(schema: Schema | undefined, name: string): Schema | undefined {
  const more = schema?.additionalProperties;
  return schema?.properties?.[name] ?? (typeof more === 'object' ? more : undefined);
}

/** The messages of the rules that a value breaks, and of rules within it. */
function brokenRules(schema: Schema, value: unknown, path: string): string[] {
  const own = (schema['x-kubernetes-validations'] ?? [])
    // a rule about a change has nothing to say about what is new
    .filter(({ rule }) => !rule.includes('oldSelf'))
    .filter(({ rule }) => !holds(rule, asCel(schema, value)))
    .map(({ rule, message }) => `${path}: ${message ?? rule}`);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return own;
    return [...own, ...value.flatMap((one, index) => brokenRules(items, one, `${path}/${index}`))];
  }
  if (typeof value !== 'object' || value === null) return own;
  const inner = Object.entries(value).flatMap(([name, one]) => {
    const of = innerSchema(schema, name);
    return of === undefined ? [] : brokenRules(of, one, `${path}/${name}`);
  });
  return [...own, ...inner];
}

const environment = celEnv();

/** Rules as they are worked out; the same ones are asked again and again. */
const plans = new Map<string, ReturnType<typeof plan>>();

function holds(rule: string, self: CelInput): boolean {
  const worked = plans.get(rule) ?? plan(environment, parse(rule));
  plans.set(rule, worked);
  const result = worked({ self });
  // what cannot be worked out is no rule that holds
  if (typeof result !== 'boolean') throw new Error(`${rule}: ${String(result)}`);
  return result;
}
