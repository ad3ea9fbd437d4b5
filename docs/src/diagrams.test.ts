/** The diagrams of the pages show the mesh as the topology has it. Hosts of Markdown draw them; nothing here can. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import {
  edgePolicy,
  edges,
  eventRoutes,
  gatewayPolicy,
  podPorts,
  portOf,
  requestDeadlineMs,
  services,
} from '@microshop/topology';

/** The one diagram of a page. Throws when there is another number of them. */
function diagramOf(page: string): string {
  const text = readFileSync(path.join(repositoryRoot, page), 'utf8');
  const found = [...text.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(([, diagram = '']) => diagram);
  assert.equal(found.length, 1, `${page} has ${found.length} diagrams`);
  return found[0] ?? '';
}

/** Pairs of nodes with an arrow from one to the other, `a -> b`; labels are left out. */
function arrowsOf(diagram: string): readonly string[] {
  return diagram.split('\n').flatMap((line) => {
    const nodes = line
      .split(/ (?:-->(?:\|[^|]*\|)?|-\.->|-\. .*? \.->) /)
      .map((node) => /^\w[\w-]*/.exec(node.trim())?.[0] ?? '');
    return nodes.slice(1).map((node, at) => `${nodes[at]} -> ${node}`);
  });
}

/** The words that Mermaid's grammar of flowcharts keeps: a node of such a name is a syntax error. */
const reserved: readonly string[] = ['call', 'class', 'click', 'default', 'end', 'graph', 'href', 'style'];

const reservedIn = (diagram: string): readonly string[] =>
  arrowsOf(diagram)
    .flatMap((arrow) => arrow.split(' -> '))
    .filter((node) => reserved.includes(node));

const node = (sidecarOf: string): string => `${sidecarOf}_sidecar`;

test('the picture of the mesh has each service, its sidecar, its database and its calls', () => {
  const arrows = arrowsOf(diagramOf('README.md'));
  const wanted = [
    ...services.flatMap(({ name, database, cache }) => [
      `${node(name)} -> ${name}`,
      `${name} -> ${database.name}`,
      ...(cache ? [`${name} -> redis`] : []),
    ]),
    ...edges.map(({ caller, callee }) => `${caller} -> ${node(callee)}`),
    ...eventRoutes.flatMap(({ from, to }) => [`${from}_db -> rabbitmq`, `rabbitmq -> ${to}`]),
    'client -> gateway',
    'gateway -> orders_sidecar',
  ];
  assert.deepEqual([...arrows].sort(), [...new Set(wanted)].sort());
});

test('events are named as they are, and so are their queues', () => {
  for (const { type, queue } of eventRoutes) {
    assert.match(diagramOf('README.md'), new RegExp(`\\b${type}\\b`));
    assert.match(diagramOf('docs/events.md'), new RegExp(`\\b${type}\\b`));
    assert.match(diagramOf('docs/events.md'), new RegExp(`queue ${queue}\\b`));
  }
});

test('who times out first: the limits of the policies, in this order', () => {
  const shown = [...diagramOf('docs/resilience.md').matchAll(/([\d.]+) s"/g)].map(
    ([, s]) => Number(s) * 1000,
  );
  const { perTryTimeoutMs, timeoutMs, breaker } = edgePolicy;
  assert.deepEqual(shown, [
    perTryTimeoutMs,
    timeoutMs,
    breaker.timeoutMs,
    requestDeadlineMs,
    gatewayPolicy.timeoutMs,
  ]);
  assert.match(diagramOf('docs/resilience.md'), new RegExp(`${edgePolicy.tries} attempts`));
});

test('the path through the Envoys has the ports they listen on', () => {
  const shown = [...diagramOf('docs/envoy.md').matchAll(/":(\d+)"/g)].map(([, port]) => Number(port));
  const { inbound, outbound, app } = podPorts;
  assert.deepEqual(shown, [portOf('gateway', 1, {}), inbound, app, outbound, inbound, app]);
});

for (const page of ['README.md', 'docs/envoy.md', 'docs/resilience.md', 'docs/security.md']) {
  test(`no node of the diagram in ${page} has a name that Mermaid keeps for itself`, () => {
    assert.deepEqual(reservedIn(diagramOf(page)), []);
  });
}

test('a node with such a name is found', () => {
  assert.deepEqual(reservedIn('flowchart LR\n  one["a"] -->|then| call["b"] -. last .-> two'), [
    'call',
    'call',
  ]);
});
