/** Environment of our containers, held against what their programs read. */
import {
  composePlacement,
  type PortName,
  portNames,
  portOf,
  portVariable,
  type ServiceName,
  services as shop,
} from '@microshop/topology';
import { ordersConfig } from '../../services/orders/src/config.ts';
import { productsConfig } from '../../services/products/src/config.ts';
import { usersConfig } from '../../services/users/src/config.ts';
import { type ComposeFile, serviceOf, textOf } from './compose-file.ts';

/** Ports of what `mesh status` shows. */
const toldPorts: readonly PortName[] = [
  ...(['gateway', 'gateway_admin', 'control', 'jaeger', 'prometheus', 'grafana'] as const),
  ...(['rabbitmq', 'rabbitmq_management', 'postgres', 'redis'] as const),
];

type Environment = Readonly<Record<string, string>>;

/** Reads an environment as the service does; throws when it would not start. What it does not know it leaves out. */
const readers: Readonly<Record<ServiceName, (env: Environment) => object>> = {
  users: (env) => usersConfig(env),
  products: (env) => productsConfig(env),
  orders: (env) => ordersConfig(env),
};

/** Read by the health check, and by OpenTelemetry's own SDK. */
const readByOthers = /^(HEALTH|OTEL_(SERVICE_NAME|RESOURCE_ATTRIBUTES|EXPORTER_OTLP_ENDPOINT))$/;

/** `${NAME:-default}` as compose fills it in when nothing is set. */
function withDefaults(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );
}

function serviceProblems(file: ComposeFile, name: ServiceName): string[] {
  const environment = withDefaults(serviceOf(file, name).environment ?? {});
  const problems: string[] = [];
  let known: string[] = [];
  try {
    known = Object.keys(readers[name](environment));
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return problems;
  }
  for (const variable of Object.keys(environment)) {
    // each pod has an outbound listener, whether its service calls a peer or not
    if (variable === 'MESH_OUTBOUND_URL' || readByOthers.test(variable)) continue;
    if (!known.includes(variable)) problems.push(`${name} does not read ${variable}`);
  }
  const { postgres, rabbitmq, redis, jaeger } = composePlacement();
  const at = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
  const { database } = shop.find((service) => service.name === name) ?? { database: { name: '', role: '' } };
  const addresses: Readonly<Record<string, string>> = {
    DATABASE_URL: `postgres://${database.role}@${at(postgres)}/${database.name}`,
    AMQP_URL: `amqp://shop@${at(rabbitmq.amqp)}`,
    REDIS_URL: `redis://${at(redis)}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at(jaeger.otlpHttp)}`,
    OTEL_SERVICE_NAME: name,
  };
  for (const [variable, expected] of Object.entries(addresses)) {
    const found = environment[variable];
    if (found !== undefined && found !== expected) {
      problems.push(`${name}: ${variable} is ${found}, not ${expected}`);
    }
  }
  return problems;
}

/** Variables that Grafana fills into its data sources and does not have with the port's usual number. */
function grafanaProblems(file: ComposeFile): string[] {
  const environment = serviceOf(file, 'grafana').environment ?? {};
  const named = textOf('grafana/provisioning/datasources/microshop.yaml').matchAll(/\$\{MESH_PORT_(\w+)\}/g);
  return [...named].flatMap(([, name = '']) => {
    const port = portNames.find((one) => one.toUpperCase() === name);
    const expected = `\${MESH_PORT_${name}:-${port === undefined ? 'a port' : portOf(port, 1, {})}}`;
    const found = environment[`MESH_PORT_${name}`];
    return found === expected ? [] : [`grafana: MESH_PORT_${name} is ${found}, not ${expected}`];
  });
}

/** Ports that the lab tells people of and does not get; empty is the usual port there. */
function toldPortProblems(file: ComposeFile): string[] {
  return ['control', 'mesh'].flatMap((service) =>
    toldPorts.flatMap((name) => {
      const variable = portVariable(name);
      const found = serviceOf(file, service).environment?.[variable];
      const expected = `\${${variable}:-}`;
      return found === expected ? [] : [`${service}: ${variable} is ${found}, not ${expected}`];
    }),
  );
}

/** What is wrong with the environments; empty when nothing is. */
export function environmentProblems(file: ComposeFile): string[] {
  const { gateway, jaeger, prometheus, control } = composePlacement();
  const addresses = {
    GATEWAY: gateway.address,
    JAEGER: jaeger.query,
    PROMETHEUS: prometheus,
    CONTROL: control,
  };
  const lab = ['control', 'mesh'].flatMap((name) =>
    Object.entries(addresses).flatMap(([what, { host, port }]) => {
      const found = serviceOf(file, name).environment?.[`MESH_URL_${what}`];
      const expected = `http://${host}:${port}`;
      return found === expected ? [] : [`${name}: MESH_URL_${what} is ${found}, not ${expected}`];
    }),
  );
  const secret = Object.entries(file.services).flatMap(([name, { environment = {} }]) =>
    Object.keys(environment)
      // a password somebody chose for Grafana comes in this way; a file is made of it
      .filter((variable) => /PASSWORD|SECRET|TOKEN|KEY/.test(variable))
      .filter(
        (variable) => !/_(FILE|MODE)$|^MESH_SECRETS_(DIR|GROUP)$|^GRAFANA_ADMIN_PASSWORD$/.test(variable),
      )
      .map((variable) => `${name} has a secret in its environment: ${variable}`),
  );
  return [
    ...shop.flatMap(({ name }) => serviceProblems(file, name)),
    ...lab,
    ...toldPortProblems(file),
    ...grafanaProblems(file),
    ...secret,
  ];
}
