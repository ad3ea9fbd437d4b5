/** `.env.example`: what can be set for the containers, each with its default. */
import { givenVariables } from '@microshop/envoy';
import { corsVariable, edgeAuthVariable, portVariable } from '@microshop/topology';
import { publishedPorts, usualPort } from './ports.ts';
import { text } from './text.ts';

/** The file's text. */
export function envExample(): string {
  return `${text`
    # Copy it to .env and change there what you need. Every line shows its default.

    # --- Ports on 127.0.0.1; both run modes read the same names
    ${publishedPorts.map((name) => `#${portVariable(name)}=${usualPort(name)}`)}

    # --- Life of the certificates between the Envoys, seconds; they are renewed at half of it
    #MESH_CERTIFICATE_LIFETIME_SECONDS=3600

    # --- 1: the gateway authenticates clients (docs/security.md#clients)
    #${edgeAuthVariable}=

    # --- With that, a certificate of your own for clients, and who signed it (docs/security.md#https). Paths begin with / or ./
    ${Object.values(givenVariables).map((name) => `#${name}=`)}

    # --- Origins whose pages may call the shop from a browser: https://shop.example,http://localhost:5173
    #${corsVariable}=

    # --- Log level of our services: fatal, error, warn, info, debug, trace
    #MESH_LOG_LEVEL=info

    # --- Without Grafana (its image is then not pulled)
    #COMPOSE_FILE=docker-compose.yml:deploy/compose-slim.yaml

    # --- Traces that outlive Jaeger and \`docker compose down\` (docs/observability.md has what that costs)
    #COMPOSE_FILE=docker-compose.yml:deploy/compose-keep-traces.yaml

    # --- Password of Grafana's admin, before the first start. Otherwise one is generated (docs/compose.md shows how to read it).
    #GRAFANA_ADMIN_PASSWORD=
  `}\n`;
}
