/** A run with a fault that shows in every part of its page. */
import { recordedOrder } from '@microshop/control/trace/testing/recorded';
import { judgeOrder } from '@microshop/control/trace/verdict';
import type { Answer } from '../answers.ts';
import { type Report, reportOf } from '../report.ts';
import { goodFacts, someCircumstances } from '../testing.ts';
import type { PageParts } from './page.ts';

const { timeline } = someCircumstances;

/** Ten requests per second; while the fault lasts two of them fail, and late. */
export const someAnswers: readonly Answer[] = Array.from({ length: 360 }, (_, index) => {
  const t = index * 100;
  const failed = t >= timeline.fault.from && t < timeline.fault.to && index % 5 === 0;
  const one = { key: `k${index}`, trace_id: `${index}`.padStart(32, '0'), t };
  return failed
    ? { ...one, status: 503, ms: 2800, code: 'dependency_timeout' }
    : { ...one, status: 201, ms: 20 + (index % 7) };
});

/** Its report: it failed, and one name in it would be a tag of HTML. */
export const someReport: Report = {
  ...reportOf(
    {
      ...goodFacts,
      breakers: [
        { t: -5000, breaker: 'orders → products', state: 'closed' },
        { t: 13_000, breaker: 'orders → products', state: 'open' },
        { t: 20_000, breaker: 'orders → products', state: 'half_open' },
        { t: 22_000, breaker: 'orders → products', state: 'closed' },
      ],
    },
    someCircumstances,
  ),
  verdict: 'FAIL',
  reasons: ['a <b>reason</b> & another'],
};

const whole = judgeOrder(recordedOrder());
const [first, second] = someAnswers;
if (first === undefined || second === undefined) throw new Error('There are no answers');

/** A whole order, one that is not, and one whose trace could not be read. */
export const someParts: PageParts = {
  answers: someAnswers,
  slowest: [
    { answer: first, trace: whole },
    { answer: second, trace: undefined },
  ],
  incomplete: [
    { answer: second, trace: judgeOrder(recordedOrder().filter(({ service }) => service !== 'users')) },
  ],
};
