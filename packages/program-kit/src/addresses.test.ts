import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshAddresses, serverAddressWithTls } from './addresses.ts';

test('a gateway that authenticates clients is asked over TLS', () => {
  const inContainers = {
    MESH_URL_GATEWAY: 'http://gateway:8080',
    MESH_URL_GATEWAY_TLS: 'https://gateway:8443',
  };
  const gatewayIn = (env: NodeJS.ProcessEnv) => meshAddresses(env).gateway;
  assert.equal(gatewayIn({ MESH_INSTANCE: '2' }), 'http://127.0.0.1:8180');
  assert.equal(gatewayIn({ MESH_INSTANCE: '2', MESH_EDGE_AUTH: '1' }), 'https://127.0.0.1:8543');
  assert.equal(gatewayIn(inContainers), 'http://gateway:8080');
  assert.equal(gatewayIn({ ...inContainers, MESH_EDGE_AUTH: '1' }), 'https://gateway:8443');
});

const otherwise = { host: '127.0.0.1', port: 5672 };
const addressIn = (value: string | undefined) =>
  serverAddressWithTls({ MESH_URL_AMQP: value }, 'MESH_URL_AMQP', ['amqp', 'amqps'], otherwise);

test('the scheme of an address says whether its server is asked with TLS', () => {
  assert.deepEqual(addressIn('amqp://rabbitmq:5672'), { host: 'rabbitmq', port: 5672, tls: false });
  assert.deepEqual(addressIn('amqps://mq.example.com:5671'), {
    ...{ host: 'mq.example.com', port: 5671, tls: true },
  });
  assert.deepEqual(addressIn(undefined), { ...otherwise, tls: false });
  assert.deepEqual(addressIn(''), { ...otherwise, tls: false });
});

test('another scheme, or no port, is refused by the name of the variable', () => {
  for (const wrong of ['https://rabbitmq:5671', 'amqps://rabbitmq', 'rabbitmq:5671']) {
    assert.throws(
      () => addressIn(wrong),
      /^Error: MESH_URL_AMQP must be an address like amqps?:\/\/host:port/,
    );
  }
});
