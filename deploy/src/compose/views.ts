/** What shows the mesh: traces, metrics, dashboards. */
import { dashboardsInContainer } from '@microshop/grafana/files';
import { portVariable } from '@microshop/topology';
import { secretsGroup } from '../container-paths.ts';
import { imageLines, images } from '../images.ts';
import { movable, publish, usualPort } from '../ports.ts';
import { grafanaEnvironment } from '../settings/grafana.ts';
import { text } from '../text.ts';
import { ownSecretsMount } from '../volumes.ts';
import { containerName, mapLines, waitsFor } from './lines.ts';

/** The services `jaeger`, `prometheus` and `grafana`. */
export function views(): readonly string[] {
  return [jaeger(), prometheus(), grafana()];
}

function jaeger(): string {
  return text`
    jaeger:
      <<: *every-container
      ${containerName('jaeger')}
      ${imageLines(images.jaeger)}
      user: "10001:10001"
      mem_limit: 1536m
      # it collects garbage harder before the limit ends it
      environment: { GOMEMLIMIT: 1280MiB }
      command: ["--config", "/etc/jaeger/jaeger.yaml"]
      volumes: ["./observability/generated/compose/jaeger.yaml:/etc/jaeger/jaeger.yaml:ro"]
      tmpfs: ["/tmp:mode=1777"]
      networks: [telemetry]
      ports:
        - ${publish('jaeger')}
        - ${publish('otlp_grpc')}
        - ${publish('otlp_http')}
      healthcheck:
        <<: *rare-health
        test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${usualPort('jaeger_health')}/status"]
  `;
}

function prometheus(): string {
  return text`
    prometheus:
      <<: *every-container
      ${containerName('prometheus')}
      ${imageLines(images.prometheus)}
      user: "65534:65534"
      mem_limit: 512m
      command:
        - --config.file=/etc/prometheus/prometheus.yml
        - --storage.tsdb.path=/prometheus
        - --storage.tsdb.retention.time=6h
        - --storage.tsdb.retention.size=512MB
        - --web.enable-remote-write-receiver
        - --enable-feature=exemplar-storage
      volumes:
        - ./observability/generated/compose/prometheus.yaml:/etc/prometheus/prometheus.yml:ro
        - ./observability/generated/compose/rules.yaml:/etc/prometheus/rules.yaml:ro
        - prometheus:/prometheus
      networks: [telemetry, messaging]
      ports: [${publish('prometheus')}]
      healthcheck:
        <<: *rare-health
        test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${usualPort('prometheus')}/-/ready"]
  `;
}

function grafana(): string {
  return text`
    # Without it: deploy/compose-slim.yaml
    grafana:
      <<: *every-container
      ${containerName('grafana')}
      ${imageLines(images.grafana)}
      user: "472:0"
      group_add: ["${secretsGroup}"]
      # the least its makers document
      mem_limit: 512m
      entrypoint: ["sh", "/etc/grafana/start.sh", "/run.sh"]
      # ${portVariable('jaeger')}: where links to traces lead, of the data source and of the dashboards (start.sh)
      environment:
        ${mapLines(grafanaEnvironment(dashboardsInContainer, movable('jaeger')))}
      volumes:
        - ./grafana/provisioning:/etc/grafana/provisioning:ro
        - ./grafana/dashboards:/etc/grafana/dashboards:ro
        - ./grafana/start.sh:/etc/grafana/start.sh:ro
        - grafana:/var/lib/grafana
        - ${ownSecretsMount('grafana')}
      tmpfs: ["/tmp:mode=1777"]
      networks: [telemetry]
      ports: [${publish('grafana')}]
      ${waitsFor('control', 'prometheus', 'jaeger')}
      healthcheck:
        <<: *rare-health
        test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${usualPort('grafana')}/api/health"]
  `;
}
