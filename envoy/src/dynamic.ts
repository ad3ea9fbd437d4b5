/**
 * The part of a configuration that may change while Envoy runs, as the files it watches. The bootstrap stays as it is;
 * listeners (LDS), clusters (CDS), routes (RDS) and runtime keys (RTDS) are each applied when their file is renamed
 * into place. Routes are files of their own: a new listener would close its connections for the sake of a timeout.
 */

import { createHash } from 'node:crypto';
import { dynamicDirectory } from '@microshop/topology';
import { adminView } from './admin.ts';
import type { EnvoyBootstrap } from './bootstrap.ts';
import { type Json, type JsonObject, typed } from './json.ts';
import { collectorCluster } from './tracing.ts';

/** Name of the runtime layer that holds the faults. */
export const faultLayer = 'faults';

/** Names of an Envoy's files; routes are `routes-<listener>.yaml`. */
export const fileNames = {
  clusters: 'clusters.yaml',
  listeners: 'listeners.yaml',
  faults: 'faults.yaml',
  routes: (listener: string) => `routes-${listener}.yaml`,
} as const;

/** A configuration in its two parts. */
export interface SplitConfig {
  readonly bootstrap: JsonObject;
  /** What each file holds: a DiscoveryResponse. */
  readonly files: Readonly<Record<string, JsonObject>>;
}

/** Splits a whole configuration; `runtime` are the keys of the faults. */
export function splitConfig(
  part: string,
  config: EnvoyBootstrap,
  runtime: Readonly<Record<string, Json>>,
): SplitConfig {
  const { listeners, clusters } = config.static_resources;
  const file = (name: string): JsonObject => ({
    resource_api_version: 'V3',
    path_config_source: { path: `${dynamicDirectory}/${part}/${name}` },
  });
  const split = listeners
    .filter((listener) => !isAdminView(listener))
    .map((listener) => splitListener(listener, file));
  const staying = listeners.filter(isAdminView);
  const { static_resources: _, layered_runtime: layers, ...rest } = config;
  return {
    bootstrap: {
      ...rest,
      layered_runtime: withFaultLayer(layers, file(fileNames.faults)),
      dynamic_resources: { lds_config: file(fileNames.listeners), cds_config: file(fileNames.clusters) },
      // Spans are sent from the first request on, and the admin can be read, whatever the rest is.
      static_resources: {
        ...(staying.length > 0 ? { listeners: staying } : {}),
        clusters: clusters.filter(stays),
      },
    },
    files: {
      [fileNames.clusters]: discovery(
        'envoy.config.cluster.v3.Cluster',
        clusters.filter((cluster) => !stays(cluster)),
      ),
      [fileNames.listeners]: discovery(
        'envoy.config.listener.v3.Listener',
        split.map(({ listener }) => listener),
      ),
      ...Object.fromEntries(
        split.map(({ name, routes }) => [
          fileNames.routes(name),
          discovery('envoy.config.route.v3.RouteConfiguration', [routes]),
        ]),
      ),
      [fileNames.faults]: discovery('envoy.service.runtime.v3.Runtime', [
        { name: faultLayer, layer: runtime },
      ]),
    },
  };
}

/** The version an Envoy reports when it has applied a file. */
export function versionOf(file: JsonObject): string {
  return String(file['version_info']);
}

function discovery(type: string, resources: readonly JsonObject[]): JsonObject {
  const typedResources = resources.map((resource) => typed(type, resource));
  const version = createHash('sha256').update(JSON.stringify(typedResources)).digest('hex').slice(0, 12);
  return { version_info: version, resources: typedResources };
}

function stays(cluster: JsonObject): boolean {
  return cluster['name'] === collectorCluster || isAdminView(cluster);
}

function isAdminView({ name }: JsonObject): boolean {
  return name === adminView;
}

/** Above the static layer: later layers win. */
function withFaultLayer(runtime: JsonObject, source: JsonObject): JsonObject {
  const layers = runtime['layers'];
  return {
    layers: [
      ...(Array.isArray(layers) ? layers : []),
      { name: faultLayer, rtds_layer: { name: faultLayer, rtds_config: source } },
    ],
  };
}

/** Takes the routes out of a listener's connection manager; it asks for them by the listener's name. */
function splitListener(
  listener: JsonObject,
  file: (name: string) => JsonObject,
): { name: string; listener: JsonObject; routes: JsonObject } {
  const name = String(listener['name']);
  let routes: JsonObject | undefined;
  const take = (value: Json): Json => {
    if (isList(value)) return value.map(take);
    if (!isObject(value)) return value;
    const { route_config: inline, ...rest } = value;
    const taken = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, take(inner)]));
    if (inline === undefined || !isObject(inline)) return taken;
    // Routes by file may name clusters that do not exist, unless one asks for a check.
    routes = { ...inline, name, validate_clusters: true };
    return { ...taken, rds: { route_config_name: name, config_source: file(fileNames.routes(name)) } };
  };
  const without = take(listener);
  if (routes === undefined || !isObject(without)) throw new Error(`Listener ${name} has no routes`);
  return { name, listener: without, routes };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
