/** A first start does not wait for Jaeger's build: orders are placed meanwhile, and it joins by itself. */
import assert from 'node:assert/strict';
import { supervisorClient } from '@microshop/native/supervision/supervisor-client';
import { upHeldBack } from '@microshop/native/supervision/testing/held-back';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { nativePlacement } from '@microshop/topology';
import { runMesh, unfolded, untilShown } from '../harness/command.ts';

interface Status {
  readonly healthy: boolean;
  readonly parts: readonly { readonly name: string; readonly healthy: boolean; readonly making: unknown }[];
  readonly traces: { readonly orders: Readonly<Record<string, number>> };
}

/**
 * An app gives up a batch of spans after 4 s (`exportTimeoutMs` in packages/telemetry), and the next one waits for that: those of one
 * order are gone well before this, milliseconds. Where Jaeger joins earlier some of them come after all.
 */
const unsentAfterMs = 15_000;

/**
 * Brings a mesh without data up while Jaeger is built, with those variables; two orders are placed, the second when Jaeger has
 * joined. It stays up.
 */
export async function upBeforeJaeger(instance: number, env: Readonly<Record<string, string>>): Promise<void> {
  const supervisor = supervisorClient(runDirectory(instance));
  const mesh = (...args: readonly string[]) => runMesh(args, { MESH_INSTANCE: String(instance) });
  const status = async (): Promise<Status> => JSON.parse((await mesh('status', '--json')).stdout);
  const held = await upHeldBack(instance, { share: 0.43, secondsLeft: 130 }, env);
  try {
    assert.match(held.lines.join('\n'), /^ {2}jaeger +joins later: its program is still being built$/m);
    assert.equal(
      held.lines.filter((line) => line.includes('compiling')).length,
      1,
      'one line until there is news',
    );

    const again = await mesh('up', '--detach');
    assert.equal(again.code, 0, again.stderr);
    assert.match(
      again.stdout,
      new RegExp(`http://127.0.0.1:${nativePlacement({ instance }).gateway.listen.port}`),
    );
    assert.match(
      again.stdout,
      /^Traces, and the metrics of apps, begin when jaeger is built, in about 2 min \(now: compiling, 43 %\)$/m,
    );

    const early = await mesh('order');
    const endedAt = Date.now();
    assert.equal(early.code, 0, early.stderr);
    assert.match(early.stdout, /^order 1 is CONFIRMED$/m);
    const why =
      'jaeger is still being built (compiling, 43 %, about 2 min left); orders placed before that leave no trace';
    assert.ok(unfolded(early.stdout).endsWith(`Its trace cannot be drawn: ${why}`), early.stdout);

    const trace = await mesh('trace', '1');
    assert.equal(trace.code, 1);
    assert.equal(unfolded(trace.stderr), `mesh: ${why}`);
    const audit = await mesh('audit');
    assert.equal(audit.code, 0, audit.stdout + audit.stderr);
    const logs = await mesh('logs', '--order', '1');
    assert.equal(logs.code, 0, logs.stderr);
    assert.match(logs.stdout, /order ended, order 1, status CONFIRMED/);

    // more of it is built
    held.say({ share: 0.9 });
    const shown = await untilShown('status tells it', async () => {
      const { code, stdout } = await mesh('status');
      return stdout.includes('90 %') ? { code, stdout } : undefined;
    });
    assert.equal(shown.code, 1, 'not every part is healthy yet');
    assert.match(shown.stdout, /^jaeger +server +compiling, 90 %/m);
    const { parts } = await status();
    assert.deepEqual(
      parts.filter(({ healthy }) => !healthy).map(({ name, making }) => ({ name, making })),
      [{ name: 'jaeger', making: { step: 'compiling', share: 0.9, seconds_left: null } }],
    );

    await eventually(
      'no app tries to send the spans of the first order any more',
      async () => Date.now() - endedAt > unsentAfterMs,
      2 * unsentAfterMs,
    );
    held.say('built');
    await eventuallyDespiteErrors(
      'Jaeger has joined',
      async () => (await supervisor.status())?.healthy,
      120_000,
      200,
    );
    const late = await mesh('order');
    assert.equal(late.code, 0, late.stderr);
    assert.match(late.stdout, /^order 2 is CONFIRMED$/m);
    assert.match(late.stdout, /^complete: one root, no orphan, no hop missing$/m);

    const refused = await untilShown(
      'the first order is old enough for a verdict',
      async () => {
        const { code, stderr } = await mesh('trace', '1', '--wait', '0s');
        return code === 1 && stderr.includes('Jaeger did not run') ? unfolded(stderr) : undefined;
      },
      60_000,
    );
    assert.match(refused, /^mesh: Jaeger did not run when order 1 was placed \(\S+\): its spans are lost$/);
    const { orders } = (await status()).traces;
    assert.deepEqual([orders['incomplete'], orders['unproven']], [0, 0], 'no order is accused');
  } finally {
    held.end();
  }
}
