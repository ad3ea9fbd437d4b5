import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promtoolBinary } from '@microshop/telemetry/testing/binaries';
import { stringify } from 'yaml';
import { type AlertCase, alertCases } from './cases.ts';
import { type AlertingRule, isAlert, prometheusRules, ruleGroups, rulesFile } from './index.ts';

const alerts = new Map(
  ruleGroups
    .flatMap((group) => group.rules)
    .filter(isAlert)
    .map((rule) => [rule.alert, rule]),
);

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rules-'));
  await writeFile(join(directory, rulesFile), prometheusRules());
});
after(() => rm(directory, { recursive: true }));

/** What promtool says; `passed` when the story went as written. */
async function promtool(...args: string[]): Promise<{ passed: boolean; text: string }> {
  return await new Promise((resolve) => {
    execFile(promtoolBinary(), args, { cwd: directory }, (error, stdout, stderr) =>
      resolve({ passed: error === null, text: stdout + stderr }),
    );
  });
}

function ruleOf(alert: string): AlertingRule {
  const rule = alerts.get(alert);
  assert.ok(rule !== undefined, `there is no alert ${alert}`);
  return rule;
}

/** The rules without the other alerts, of which a story says nothing: evaluating those takes most of its time. */
const rulesFor = (alert: string) =>
  ruleGroups
    .map(({ name, rules }) => ({
      name,
      rules: rules.filter((rule) => !isAlert(rule) || rule.alert === alert),
    }))
    .filter(({ rules }) => rules.length > 0);

async function tell(told: AlertCase): Promise<{ passed: boolean; text: string }> {
  const { next } = ruleOf(told.alert).annotations;
  const file = join(directory, 'story.yaml');
  await writeFile(join(directory, 'rules-of-story.yaml'), prometheusRules(rulesFor(told.alert)));
  const story = {
    rule_files: ['rules-of-story.yaml'],
    evaluation_interval: '5s',
    tests: [
      {
        interval: '5s',
        input_series: Object.entries(told.series).map(([series, values]) => ({ series, values })),
        alert_rule_test: [
          {
            eval_time: told.at,
            alertname: told.alert,
            exp_alerts: told.fires.map(({ labels, summary }) => ({
              exp_labels: labels,
              exp_annotations: { summary, next },
            })),
          },
        ],
      },
    ],
  };
  await writeFile(file, stringify(story));
  return await promtool('test', 'rules', file);
}

describe('the rules', () => {
  it('pass promtool', async () => {
    const { passed, text } = await promtool('check', 'rules', rulesFile);
    assert.ok(passed, text);
  });

  for (const alert of alerts.keys()) {
    it(`${alert} has a story in which it fires, and one in which it does not`, () => {
      const told = alertCases.filter((one) => one.alert === alert);
      assert.ok(told.some((one) => one.fires.length > 0) && told.some((one) => one.fires.length === 0));
    });
  }

  for (const told of alertCases) {
    it(`${told.alert} ${told.fires.length > 0 ? 'fires' : 'is silent'}: ${told.story}`, async () => {
      const { passed, text } = await tell(told);
      assert.ok(passed, text);
    });
  }

  it('a story told wrong is noticed', async () => {
    const [first] = alertCases;
    assert.ok(first !== undefined);
    const { passed } = await tell({ ...first, fires: [] });
    assert.equal(passed, false);
  });
});
