/** A comparison as one page, as an experiment has one: everything stands in the file, and no script runs. */
import { experimentFiles } from '@microshop/program-kit/run-directory';
import type { Environment } from '../bench/results/schemas.ts';
import { faultCommand } from '../experiment/definition.ts';
import { card, documentOf } from '../experiment/page/document.ts';
import { escaped, pairs, table } from '../experiment/page/html.ts';
import type { ArmResult, ArmRun, FigureResult } from './judge.ts';
import { differencesChart, valuesChart } from './page-charts.ts';
import type { ComparisonReport, Plan } from './run.ts';
import { comparisonHead, figureRows, methodText, shown, signed, unknownTexts, verdictText } from './table.ts';

/** Its file's name, in the directory of the comparison. */
export const comparisonPageName = experimentFiles.comparisonPage;

/** What a page shows besides the report. */
export interface ComparisonParts {
  /** `shedding`; that of a comparison with arms of one's own says so. */
  readonly name: string;
  /** What it asks, a sentence. */
  readonly says: string;
  readonly environment: Environment;
  /** What runs the same again. */
  readonly command: string;
}

/** The page. */
export function comparisonPage(report: ComparisonReport, parts: ComparisonParts): string {
  const { plan, figures, runs, valid, valid_blocks: blocks } = report;
  const { name, says } = parts;
  const [primary] = figures;
  const differences = primary === undefined ? null : differencesChart(primary);
  const verdict = valid ? 'VALID' : 'INVALID';
  const sections = [
    ...(primary === undefined
      ? []
      : [
          card(`${primary.figure.name}, in each block`, valuesChart(primary, runs)),
          card(
            `${primary.figure.name}, against ${primary.arms[0]?.arm ?? ''}`,
            differences ?? `<p class="quiet">${escaped(`Not compared: ${primary.unknown ?? ''}.`)}</p>`,
          ),
        ]),
    card('All figures', figureTable(figures), true),
    card('Arms', armTable(plan)),
    card('Blocks', blockTable(report)),
    card('How it was run', runTable(plan, parts), true),
  ];
  return documentOf(
    `compare ${name}: ${verdict}`,
    `<header><h1>${escaped(name)}</h1><span class="verdict ${verdict}">${verdict}</span></header>
<p class="claim">${escaped(says)}</p>
<ul>${(primary?.arms ?? []).flatMap((arm) => findingOf(primary, arm)).join('')}</ul>
<p class="quiet">${escaped(`${blocks.length} of ${plan.blocks} blocks count.`)} The fault: <code>${escaped(faultCommand(plan.fault))}</code>.${throughoutText(plan)}</p>
<div class="cards">
${sections.join('\n')}
</div>`,
  );
}

function throughoutText({ throughout }: Plan): string {
  return throughout === undefined ? '' : ` Throughout: <code>${escaped(faultCommand(throughout))}</code>.`;
}

/** What is said of one arm in the primary figure, as an item of a list; nothing of the first one. */
function findingOf(primary: FigureResult | undefined, { arm, against }: ArmResult): string[] {
  if (primary === undefined || against === null) return [];
  const { figure, arms } = primary;
  const { estimate, least, most } = against.shift;
  const unit = figure.unit === '%' ? ' points' : figure.unit === '' ? '' : ` ${figure.unit}`;
  const text = `: ${signed(figure, estimate)}${unit} (${signed(figure, least)} to ${signed(figure, most)}) of ${figure.name} against ${arms[0]?.arm ?? ''}, p = ${against.p.toFixed(3)}: `;
  return [`<li><b>${escaped(arm)}</b>${escaped(text)}<b>${escaped(verdictText(against.said))}</b></li>`];
}

function figureTable(figures: readonly FigureResult[]): string {
  const notes = [methodText, ...unknownTexts(figures)];
  return `${table(comparisonHead(figures), figures.flatMap(figureRows))}${notes
    .map((note) => `<p class="quiet">${escaped(note)}</p>`)
    .join('')}`;
}

function armTable({ arms }: Plan): string {
  const rows = arms.map(({ name, policies, repeats }) => [
    name,
    policies
      .map((call) => {
        const values = Object.entries(call.policy).map(([field, value]) => `${field} ${value}`);
        return `${call.caller} → ${call.callee}: ${values.join(', ')}`;
      })
      .join('; ') || 'as before the comparison',
    repeats === 0 ? 'no' : `yes, ${repeats} times`,
  ]);
  return table(['arm', 'changes', 'buyers repeat'], rows);
}

/** Every run in its block, and why one does not count. */
function blockTable({ plan, runs, valid_blocks: valid, figures }: ComparisonReport): string {
  const numbers = [...new Set(runs.map(({ block }) => block))];
  const [primary] = figures;
  const primaryOf = (run: ArmRun | undefined): string => {
    const value = primary === undefined ? null : (run?.values[primary.figure.name] ?? null);
    return value === null || primary === undefined ? '–' : shown(primary.figure, value);
  };
  const rows = numbers.map((block) => [
    String(block),
    ...plan.arms.map(({ name }) => primaryOf(runs.find((run) => run.block === block && run.arm === name))),
    valid.includes(block) ? 'yes' : 'no',
  ]);
  const reasons = runs.flatMap(({ arm, block, invalid }) =>
    invalid.map((reason) => `<li>${escaped(`block ${block}, ${arm}: ${reason}`)}</li>`),
  );
  const head = ['block', ...plan.arms.map(({ name }) => name), 'counts'];
  return `${table(head, rows)}${reasons.length === 0 ? '' : `<ul>${reasons.join('')}</ul>`}`;
}

function runTable(plan: Plan, { environment, command }: ComparisonParts): string {
  const { cpu, cores, memory_mib: memory, kernel, node, servers, commit, changed } = environment;
  const { steady, fault, heal } = plan.seconds;
  const rows = [
    ['load', `${plan.rate} buyers per second`],
    ['each run', `steady ${steady} s, fault ${fault} s, heal ${heal} s`],
    ['order', `${plan.blocks} blocks, each with every arm once, in random order (seed ${plan.seed})`],
    ['machine', `${cores} × ${cpu}, ${memory} MiB, Linux ${kernel}`],
    ['code', `commit ${commit}${changed ? ', with changes' : ''}`],
    [
      'versions',
      [`node ${node}`, ...Object.entries(servers).map(([server, version]) => `${server} ${version}`)].join(
        ', ',
      ),
    ],
  ];
  return `<pre><code>${escaped(command)}</code></pre>${pairs(rows)}<p class="quiet">Beside this file: <code>comparison.json</code>, and a folder for each run with its ledger and the report of k6.</p>`;
}
