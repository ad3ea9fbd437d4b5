/**
 * Draws a trace as an SVG, for documentation:
 *
 *     ./mesh trace 1 --json | node_modules/.bin/node docs/src/trace-picture/main.ts >docs/pictures/trace.svg
 */
import { json } from 'node:stream/consumers';
import { verdictSchema } from '@microshop/control/trace/verdict';
import { Value } from 'typebox/value';
import { tracePicture } from './picture.ts';

const origin =
  'Drawn from the spans in Jaeger: ./mesh trace <order id> --json, docs/src/trace-picture/main.ts.';

process.stdout.write(tracePicture(Value.Parse(verdictSchema, await json(process.stdin)), origin));
