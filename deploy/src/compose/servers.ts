/** The servers of the shop: database, broker, cache. */
import { services } from '@microshop/topology';
import { ownSecrets } from '../container-paths.ts';
import { imageLines, images } from '../images.ts';
import { databaseNetwork } from '../networks.ts';
import { publish, usualPort } from '../ports.ts';
import { clusterArguments, serverSettings } from '../settings/postgres.ts';
import { brokerVmArguments } from '../settings/rabbitmq.ts';
import { text } from '../text.ts';
import { ownSecretsMount } from '../volumes.ts';
import { containerName, listLines, waitsFor } from './lines.ts';

/** The services `postgres`, `rabbitmq` and `redis`. */
export function servers(): readonly string[] {
  return [postgres(), rabbitmq(), redis()];
}

function postgres(): string {
  return text`
    postgres:
      <<: *every-container
      ${containerName('postgres')}
      ${imageLines(images.postgres)}
      user: "999:999"
      mem_limit: 384m
      shm_size: 128m
      # its log holds no statements and no values: deploy/src/settings/postgres.ts
      command:
        - postgres
        ${listLines(Object.entries(serverSettings).map(([name, value]) => `-c${name}=${value}`))}
      environment:
        POSTGRES_PASSWORD_FILE: ${ownSecrets}/postgres-password
        POSTGRES_INITDB_ARGS: ${clusterArguments.join(' ')}
      volumes:
        - postgres:/var/lib/postgresql
        - ${ownSecretsMount('postgres')}
        - ./deploy/postgres-init.sh:/docker-entrypoint-initdb.d/10-microshop.sh:ro
      tmpfs: ["/var/run/postgresql:uid=999,gid=999,mode=0775", "/tmp:mode=1777"]
      networks: [${[...services.map(databaseNetwork), 'audit'].join(', ')}]
      ports: [${publish('postgres')}]
      stop_grace_period: 20s
      ${waitsFor('control')}
      healthcheck:
        <<: *rare-health
        test: ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres"]
  `;
}

function rabbitmq(): string {
  return text`
    rabbitmq:
      <<: *every-container
      ${containerName('rabbitmq')}
      ${imageLines(images.rabbitmq)}
      user: "999:999"
      hostname: rabbitmq
      mem_limit: 512m
      environment:
        RABBITMQ_NODENAME: microshop@localhost
        RABBITMQ_CONFIG_FILE: ${ownSecrets}/rabbitmq.conf
        RABBITMQ_ENABLED_PLUGINS_FILE: /etc/rabbitmq-mesh/enabled_plugins
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "${brokerVmArguments}"
      volumes:
        - rabbitmq:/var/lib/rabbitmq
        - ${ownSecretsMount('rabbitmq')}
        - ./deploy/rabbitmq-enabled-plugins:/etc/rabbitmq-mesh/enabled_plugins:ro
      tmpfs: ["/tmp:mode=1777", "/var/log/rabbitmq:uid=999,gid=999", "/etc/rabbitmq/conf.d:uid=999,gid=999"]
      networks: [messaging, audit]
      ports:
        - ${publish('rabbitmq')}
        - ${publish('rabbitmq_management')}
      stop_grace_period: 30s
      ${waitsFor('control')}
      healthcheck:
        <<: *rare-health
        # the listener opens when the broker has started; rabbitmq-diagnostics would start an Erlang VM each time
        test: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${usualPort('rabbitmq')}"]
  `;
}

function redis(): string {
  return text`
    redis:
      <<: *every-container
      ${containerName('redis')}
      ${imageLines(images.redis)}
      user: "999:999"
      mem_limit: 96m
      # a cache with a password; both stand in the file, which the control service makes
      command: ["redis-server", "${ownSecrets}/redis.conf"]
      volumes: ["${ownSecretsMount('redis')}"]
      tmpfs: ["/data:uid=999,gid=999"]
      networks: [cache, audit]
      ports: [${publish('redis')}]
      ${waitsFor('control')}
      healthcheck:
        <<: *rare-health
        # without the password it answers NOAUTH, and redis-cli ends with 0 all the same
        test:
          - CMD
          - sh
          - -c
          - REDISCLI_AUTH=$$(cat ${ownSecrets}/redis-password) redis-cli ping | grep -q PONG
  `;
}
