/** What services of the compose file share: its anchors. */
import { envoyArguments } from '@microshop/envoy';
import { edgeAuthVariable, podPorts } from '@microshop/topology';
import { controlGroup } from '../container-paths.ts';
import { images } from '../images.ts';
import { text } from '../text.ts';
import { listLines, mapLines, passed } from './lines.ts';

/** Where each Envoy finds its configuration. */
export const envoyConfig = '/etc/envoy/mesh.yaml';

/** Where the app of a pod listens, for what is in the pod. */
const app = `127.0.0.1/${podPorts.app}`;
/** Where its sidecar takes calls. */
const inbound = `127.0.0.1/${podPorts.inbound}`;

/** The anchors; `appEnvironment` is what the environments of all apps have in common. */
export function anchors(appEnvironment: Readonly<Record<string, string>>): string {
  return text`
    # What every container has: no root file system to write to, no capability, no way to get one, a limit on memory.
    x-every-container: &every-container
      restart: unless-stopped
      read_only: true
      cap_drop: [ALL]
      security_opt: ["no-new-privileges:true"]
      pids_limit: 1024
      logging:
        driver: json-file
        options: { max-size: 10m, max-file: "2" }

    # How often health is checked: each second while a container starts, then every ten seconds.
    x-health: &health
      interval: 10s
      timeout: 5s
      retries: 6
      start_period: 90s
      start_interval: 1s

    # Each check is a process in the container. No server can be left behind in a dead namespace, and a pod's own container does
    # nothing once both have joined: they are checked twice a minute, and are unhealthy after the same minute.
    x-rare-health: &rare-health
      <<: *health
      interval: 30s
      retries: 2

    # For images that hold neither curl nor wget (Envoy's, node-slim's): bash opens the socket itself. HEALTH is host, port and path.
    # A container of a pod stays behind in a namespace without any route when the pod's own container ends. It then ends as
    # well, so that the engine starts it again, into the pod that is there by then.
    x-http-health: &http-health
      <<: *health
      test:
        - CMD
        - bash
        - -c
        - >-
          { read -r _ && read -r _; } </proc/net/route || { echo no network; sleep 3; kill 1; exit 1; };
          at=$\${HEALTH%%/*}
          && exec 3<>"/dev/tcp/$\${at%:*}/$\${at#*:}"
          && printf 'GET /%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$\${HEALTH#*/}" >&3
          && read -r _ status _ <&3 && test "$$status" = 200

    # A pod is one network namespace with one address: an app and its sidecar live in it. It belongs to a container that does
    # nothing, so that neither of the two can take it away from the other: an app that dies or is restarted comes back to the
    # address where its sidecar is waiting. It is healthy when both have been reached in the namespace it has now; their own checks
    # say what becomes of them afterwards.
    x-pod: &pod
      <<: *every-container
      image: &envoy-image ${images.envoy.image}
      # ends with 0 when it is asked to: process 1 takes no signal that it has no handler for
      entrypoint: ["bash", "-c", "trap 'exit 0' TERM; sleep infinity & wait"]
      user: "65534:65534"
      mem_limit: 16m
      # a new one at each start, and with it the mark that both are there
      tmpfs: ["/tmp:size=64k,mode=1777"]
      healthcheck:
        <<: *rare-health
        # it starts before everything that app and sidecar wait for; when one of them cannot start, that one says so
        start_period: 600s
        start_interval: 2s
        test:
          - CMD
          - bash
          - -c
          - >-
            test -e /tmp/joined
            || { exec 3<>/dev/tcp/${app} && exec 3<>/dev/tcp/${inbound} && : >/tmp/joined; }

    x-app: &app
      <<: *every-container
      user: node
      mem_limit: 320m
      tmpfs: ["/tmp:size=16m,mode=1777"]
      stop_grace_period: 15s
      healthcheck: *http-health

    x-service-build: &service-build
      context: .
      dockerfile: deploy/Dockerfile
      target: service

    # The app listens on the pod's loopback: only its sidecar reaches it, and it reaches its peers only through its sidecar.
    x-app-environment: &app-environment
      HEALTH: 127.0.0.1:${String(podPorts.app)}/health/ready
      LOG_LEVEL: ${passed('MESH_LOG_LEVEL', 'info')}
      ${edgeAuthVariable}: ${passed(edgeAuthVariable)}
      ${mapLines(appEnvironment)}

    x-envoy: &envoy
      <<: *every-container
      image: *envoy-image
      user: "101:101"
      # the group of the control service, which writes the certificates
      group_add: ["${controlGroup}"]
      # the paths of the certificates and of the files it watches begin here
      working_dir: /etc/envoy
      mem_limit: 128m
      stop_grace_period: 10s
      tmpfs: ["/tmp:size=8m,mode=1777"]
      command:
        - envoy
        ${listLines(envoyArguments(envoyConfig))}
        - --log-level
        - warning
      healthcheck: *http-health
  `;
}
