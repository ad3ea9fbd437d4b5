/** What every service of the shop shares. */

export { brokerConfig, loadConfig, peerConfig, serviceConfig, withPassword } from './config.ts';
export { type HealthOptions, health } from './health.ts';
export { createLogger } from './logger.ts';
export { amountFromCents, amountSchema, centsFromPrice, maxPriceCents, priceSchema } from './money.ts';
export { originOf, withOrigin } from './origin.ts';
export { idAfter, page, pageQuery } from './pagination.ts';
export { answerOf, refusedCall } from './peer-answer.ts';
export { outboundOf } from './peer-urls.ts';
export { type PressureLimits, type PressureOptions, pressure } from './pressure.ts';
export {
  badRequest,
  notFound,
  overloaded,
  type Problem,
  ProblemError,
  type ProblemOptions,
} from './problem.ts';
export { type RunOptions, runService } from './run.ts';
export { id, idParams, problemRef, text, timestamp } from './schemas.ts';
export { createService, type Service, type ServiceOptions } from './service.ts';
export { checkOwn, type Scope, scopeOf } from './subject.ts';
