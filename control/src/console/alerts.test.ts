import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertsIn } from './alerts.ts';

/** A rule with alerts of those states. */
function rule(name: string, severity: string, ...states: readonly string[]) {
  return {
    name,
    alerts: states.map((state) => ({
      state,
      activeAt: '2026-11-27T12:00:00.123456789Z',
      labels: { severity },
      annotations: { summary: `${name} is wrong`, next: './mesh status' },
    })),
  };
}

test('what fires and clients notice comes first, each with what to do; a quiet rule is named only', () => {
  const { alerts, quiet } = alertsIn({
    data: {
      groups: [
        { rules: [rule('Ticket', 'ticket', 'firing'), rule('Quiet', 'page')] },
        { rules: [rule('May', 'page', 'pending'), rule('Page', 'page', 'firing', 'firing')] },
      ],
    },
  });
  assert.deepEqual(
    alerts.map(({ name, state }) => `${name} ${state}`),
    ['Page firing', 'Page firing', 'Ticket firing', 'May pending'],
  );
  assert.deepEqual(alerts[0], {
    name: 'Page',
    severity: 'page',
    state: 'firing',
    since: Date.UTC(2026, 10, 27, 12, 0, 0, 123),
    summary: 'Page is wrong',
    next: './mesh status',
  });
  assert.deepEqual(quiet, ['Quiet']);
});
