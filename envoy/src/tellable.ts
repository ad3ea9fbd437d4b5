/** Addresses of requests as they may be recorded: `tellable` of the topology, in Envoy's own expressions. */
import { tellablePatterns, withheld } from '@microshop/topology';

const of = (value: string, pattern: string): string =>
  `${value}.matches('${pattern}') && !${value}.matches('${tellablePatterns.tooLong}')`;

const path = `${of('request.url_path', tellablePatterns.path)} ? request.url_path : '${withheld}'`;
const both = `${of('request.url_path', tellablePatterns.path)} && ${of('request.query', tellablePatterns.query)}`;

/** Command for the path of a request, without its query. */
export const tellablePath = `%CEL(${path})%`;

/** Command for the path of a request and its query. */
export const tellableAddress = `%CEL(${both} ? request.path : ${path})%`;
