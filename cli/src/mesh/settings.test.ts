import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../output/errors.ts';
import { createProgram } from '../program.ts';

for (const command of ['status', 'down', 'order', 'fault list', 'stop users']) {
  test(`${command} refuses a port that is none, whether or not it would use it`, async (t) => {
    const given = process.env['MESH_PORT_GATEWAY'];
    t.after(() => {
      if (given === undefined) delete process.env['MESH_PORT_GATEWAY'];
      else process.env['MESH_PORT_GATEWAY'] = given;
    });
    process.env['MESH_PORT_GATEWAY'] = 'abc';
    await assert.rejects(
      createProgram().parseAsync(command.split(' '), { from: 'user' }),
      new UsageError('MESH_PORT_GATEWAY must be a port from 1 to 65535, not "abc"'),
    );
  });
}
