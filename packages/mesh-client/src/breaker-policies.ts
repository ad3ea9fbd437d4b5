/**
 * The policies of a running app's breakers, from a file that is renamed into place. What is in effect is reported in a
 * file next to it.
 */
import { readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BreakerPolicies, breakerFiles, type ServiceName, serviceNamed } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { CallLogger } from './client.ts';

/** What {@link followBreakerPolicies} needs. */
export interface FollowOptions {
  /** Directory of the files, the app's own. It must exist. */
  readonly directory: string;
  /** Service that calls: the file holds a policy for each service it calls, and no other. */
  readonly caller: ServiceName;
  /** Applies policies. */
  readonly apply: (policies: BreakerPolicies) => void;
  readonly logger: CallLogger;
}

const amount = (least: number) => Type.Integer({ minimum: least });

/** `BreakerPolicy`. How the limits fit each other is checked by who writes the file: it knows the other policies. */
const policySchema = Type.Object(
  {
    timeoutMs: amount(1),
    errorThresholdPercentage: Type.Integer({ minimum: 0, maximum: 100 }),
    volumeThreshold: amount(1),
    rollingCountTimeoutMs: amount(1),
    resetTimeoutMs: amount(1),
    capacity: amount(1),
    attempts: amount(1),
  },
  { additionalProperties: false },
);

/**
 * Applies what the file says, now and each time another one is renamed into its place, and reports it. A file that is
 * missing or broken is logged by name, once, and changes nothing. Throws when the directory cannot be watched.
 */
export function followBreakerPolicies(options: FollowOptions): { close(): void } {
  const { directory, caller, logger } = options;
  const file = path.join(directory, breakerFiles.wanted);
  const inForce = path.join(directory, breakerFiles.inForce);
  const schema = Type.Object(
    Object.fromEntries(serviceNamed(caller).calls.map((peer) => [peer, policySchema])),
    { additionalProperties: false },
  );
  let problem: string | undefined;

  function read(): BreakerPolicies {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Value.Check(schema, value)) return value;
    const [first] = Value.Errors(schema, value);
    throw new Error(`${first?.instancePath ?? ''} ${first?.message ?? 'has another form'}`.trim());
  }

  // The files are small and rarely change: synchronous work needs no ordering. The directory is watched, as each file
  // comes with a rename; the app's own writes there are ignored.
  function take(): void {
    try {
      const policies = read();
      options.apply(policies);
      tell(policies);
      problem = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === problem) return;
      problem = reason;
      logger.warn(
        { file, reason },
        'breaker policies could not be applied, the previous ones stay in effect',
      );
    }
  }

  function tell(policies: BreakerPolicies): void {
    const unfinished = `${inForce}.${process.pid}.tmp`;
    try {
      writeFileSync(unfinished, `${JSON.stringify(policies, null, 2)}\n`);
      renameSync(unfinished, inForce);
    } catch (error) {
      logger.warn(
        { file: inForce, err: error },
        'breaker policies are in effect, but this could not be reported',
      );
    }
  }

  const watcher = watch(directory, (_event, name) => {
    if (name === breakerFiles.wanted) take();
  });
  watcher.on('error', (error) => logger.warn({ err: error, directory }, 'directory is no longer watched'));
  take();
  return {
    close: () => {
      watcher.close();
      rmSync(inForce, { force: true });
    },
  };
}
