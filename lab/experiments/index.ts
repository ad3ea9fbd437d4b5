/** Every experiment. */
import type { Experiment } from '../src/experiment/definition.ts';
import { abort30 } from './abort-30.ts';
import { abort100 } from './abort-100.ts';
import { brokerAlarm } from './broker-alarm.ts';
import { brokerDown } from './broker-down.ts';
import { brokerHangs } from './broker-hangs.ts';
import { certificatesEnd } from './certificates-end.ts';
import { delay7s } from './delay-7s.ts';
import { delay300 } from './delay-300.ts';
import { duplicates } from './duplicates.ts';
import { jaegerHangs } from './jaeger-hangs.ts';
import { lostAnswers } from './lost-answers.ts';
import { metastable } from './metastable.ts';
import { ordersKilled } from './orders-killed.ts';
import { poison } from './poison.ts';
import { postgresHangs } from './postgres-hangs.ts';
import { postgresKilled } from './postgres-killed.ts';
import { postgresReadOnly } from './postgres-read-only.ts';
import { productsHang } from './products-hang.ts';
import { productsKilled } from './products-killed.ts';
import { redisDown } from './redis-down.ts';
import { redisHangs } from './redis-hangs.ts';
import { rollingRestart } from './rolling-restart.ts';
import { sale } from './sale.ts';
import { sickReplica } from './sick-replica.ts';
import { slowAnswers } from './slow-answers.ts';
import { telemetryDown } from './telemetry-down.ts';

/** Every experiment, in the order of the list. */
export const experiments: readonly Experiment[] = [
  delay300,
  delay7s,
  slowAnswers,
  abort30,
  abort100,
  productsHang,
  productsKilled,
  lostAnswers,
  redisHangs,
  brokerHangs,
  jaegerHangs,
  ordersKilled,
  postgresHangs,
  postgresKilled,
  postgresReadOnly,
  brokerDown,
  brokerAlarm,
  redisDown,
  telemetryDown,
  poison,
  duplicates,
  rollingRestart,
  sale,
  metastable,
  sickReplica,
  certificatesEnd,
];
