/** Asks Envoy whether it would take a configuration. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { envoyBinary } from './binaries.ts';

/** What the Envoys of pods read from their environment. */
const env = { ...process.env, OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=test' };

/** Whether Envoy accepts the file, and what it says of it. It is started where the file lies. */
export async function validate(file: string): Promise<{ accepted: boolean; text: string }> {
  const args = ['--mode', 'validate', '--config-path', file];
  return await new Promise((resolve) => {
    execFile(envoyBinary(), args, { cwd: dirname(file), env }, (error, stdout, stderr) => {
      resolve({ accepted: error === null, text: stdout + stderr });
    });
  });
}
