/** What the scenario files share: from a plan to what k6 asks of a script. */
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { metricNames } from './metrics.ts';
import { optionsOf } from './options.ts';
import { placeOrder } from './place-order.ts';
import { ordersOf, type Plan } from './plan.ts';
import { renderSummary } from './render.ts';
import { createShop, NotMade, type Shop } from './shop.ts';
import { type K6Summary, summarise } from './summary.ts';

/** What a run has made for itself: its orders touch no one else's. */
export interface Made {
  readonly userId: number;
  readonly productIds: readonly number[];
  /** Stock of each product at the start. */
  readonly stock: number;
}

/** A script's parts; the scenario files export them one by one. */
export interface Script {
  readonly options: Options;
  readonly shop: Shop;
  setup(): Made;
  iteration(made: Made): void;
  handleSummary(data: K6Summary): Record<string, string>;
}

const setupFailures = new Counter(metricNames.setupFailures);

/** What the run needs; what cannot be made ends it, and is reported in its verdict. */
function prepared(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NotMade)) throw error;
    setupFailures.add(1, { code: error.code });
    exec.test.abort(`the shop could not be prepared: ${error.message}`);
    throw error;
  }
}

/** Makes a script of a plan. */
export function createScript(plan: Plan): Script {
  const { settings } = plan;
  // for a gateway that authenticates clients; no setting, so that it stands in no summary
  const shop = createShop(settings.gateway, __ENV['TOKEN']);
  return {
    options: optionsOf(plan),
    shop,
    setup: () =>
      prepared(() => {
        const stock = settings.stock ?? ordersOf(plan);
        const description = 'x'.repeat(settings.descriptionBytes);
        const userId = shop.createUser();
        const productIds = Array.from({ length: settings.products }, (_, index) =>
          shop.createProduct(`Load test ${plan.scenario} ${index + 1}`, stock, description),
        );
        return { userId, productIds, stock };
      }),
    iteration: ({ userId, productIds }) => {
      const turn = exec.scenario.iterationInTest % productIds.length;
      const productId = productIds[turn];
      if (productId === undefined) throw new Error('setup() made no product');
      placeOrder(plan, shop, { user_id: userId, product_id: productId, quantity: 1 });
    },
    handleSummary: (data) => {
      const summary = summarise(plan, data);
      const text = renderSummary(summary);
      const directory = settings.summaryDirectory;
      if (directory === undefined) return { stdout: `\n${text}\n\n` };
      return {
        [`${directory}/summary.json`]: `${JSON.stringify(summary, null, 2)}\n`,
        [`${directory}/summary.txt`]: `${text}\n`,
      };
    },
  };
}
