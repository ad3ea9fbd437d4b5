/**
 * Run by Node in the agent's container of a pod, not here: calls every service as that pod can, and in ways it must not get
 * through. Prints an object, by `callee way`: the status of the answer, or the code of the error.
 */
import { readFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request as tlsRequest } from 'node:https';
import { callerHeader, podPorts, services, spiffeId } from '@microshop/topology';

const { MESH_IDENTITY: identity = '', MESH_AGENT_DIR: directory = '' } = process.env;
const own = `${directory}/certificates/${identity}`;
const [shown, ca] = await Promise.all(
  ['identity.pem', 'trust.pem'].map((name) => readFile(`${own}/${name}`, 'utf8')),
);

/** Sends one request over a connection of its own. */
function outcome(
  url: string,
  headers: Readonly<Record<string, string>>,
  tls?: RequestOptions,
): Promise<number | string> {
  return new Promise((resolve) => {
    const send = tls === undefined ? plainRequest : tlsRequest;
    send(url, { headers, agent: false, timeout: 20_000, ...tls }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('timeout', () => resolve('no answer'))
      .on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
      .end();
  });
}

const found: Record<string, number | string> = {};
for (const { name } of services) {
  const url = `//${name}:${podPorts.inbound}/health/live`;
  const headers = { [callerHeader]: identity };
  const trusting: RequestOptions = {
    ...(ca === undefined ? {} : { ca }),
    checkServerIdentity: (_host, { subjectaltname }) =>
      subjectaltname === `URI:${spiffeId(name)}` ? undefined : new Error(`It is ${subjectaltname}`),
  };
  const tls: RequestOptions = { ...trusting, ...(shown === undefined ? {} : { cert: shown, key: shown }) };
  found[`${name} with its certificate`] = await outcome(`https:${url}`, headers, tls);
  found[`${name} under another name`] = await outcome(
    `https:${url}`,
    { [callerHeader]: identity === 'gateway' ? 'orders' : 'gateway' },
    tls,
  );
  found[`${name} without a certificate`] = await outcome(`https:${url}`, headers, trusting);
  found[`${name} plainly`] = await outcome(`http:${url}`, headers);
  for (const port of ['app', 'outbound', 'admin'] as const) {
    found[`${name} ${port}`] = await outcome(`http://${name}:${podPorts[port]}/`, headers);
  }
}
console.log(JSON.stringify(found));
