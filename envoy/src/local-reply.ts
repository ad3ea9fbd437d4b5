/**
 * Envoy's own answers as RFC 9457 problems with the trace id. What a service answered passes unchanged: Envoy applies
 * this to replies it makes itself only.
 */
import {
  callerHeader,
  noTraceId,
  type ProblemCode,
  type ProblemStatusNumber,
  problemMediaType,
  problemTitles,
  problemType,
  requestHeadLimits,
  services,
  subjectHeaders,
  traceIdHeader,
  unseenHeader,
} from '@microshop/topology';
import { setHeader } from './headers.ts';
import type { JsonObject } from './json.ts';
import { retryAfterSeconds } from './limits.ts';
import { fromOutside, type Listener } from './listener.ts';
import { hostPattern, unlike } from './refusals.ts';

/** One kind of local reply. Envoy takes the first rule all of whose filters match. */
interface Rule {
  readonly filters: readonly JsonObject[];
  readonly code: ProblemCode;
  /** Status sent; absent keeps Envoy's. */
  readonly status?: ProblemStatusNumber;
  readonly detail: string;
  /** Whether the reply is about the callee: its name goes in as `dependency`. */
  readonly aboutCallee?: boolean;
  readonly retryAfter?: boolean;
  /** What a client is to show of itself, for `www-authenticate`. */
  readonly challenge?: string;
  /** Whether to tell the caller's Envoy that no app has seen the request. */
  readonly unseen?: boolean;
  /** What to say when the request was refused before these were known. */
  readonly traceId?: string;
  readonly instance?: string;
}

/** Flags of a callee that cannot be reached or broke off: see `docs/envoy.md`. */
const unavailableFlags = ['UF', 'UH', 'UC', 'UR', 'LR', 'URX', 'NC', 'UPE', 'DF'] as const;

/** The `local_reply_config` of a connection manager. */
export function localReplies(listener: Listener): JsonObject {
  return {
    mappers: [...refusedEarly, ...aboutCallee(listener), ...aboutRequest(listener)].map((rule) =>
      mapper(listener, rule),
    ),
  };
}

const unacceptable = {
  code: 'bad_request',
  // Envoy's word for what is wrong: `path_normalization_failed`, `http1.headers_too_large`, …
  detail: 'The request is not acceptable (%RESPONSE_CODE_DETAILS%)',
} as const;

/** Malformed requests, refused before their headers were read or their trace began. */
const refusedEarly: readonly Rule[] = [
  { filters: [absent(traceIdHeader), absent(':path')], ...unacceptable, traceId: noTraceId, instance: '/' },
  {
    filters: [absent(traceIdHeader), status('EQ', 404)],
    code: 'not_found',
    detail: 'There is no %REQ(:path)%',
    traceId: noTraceId,
  },
  { filters: [absent(traceIdHeader)], ...unacceptable, traceId: noTraceId },
];

function aboutCallee(listener: Listener): readonly Rule[] {
  const callee = calleeOf(listener);
  return [
    {
      ...late(listener),
      filters: [status('EQ', 504), reading],
      detail: `${lateDetail(callee)}; nothing was changed`,
    },
    { ...late(listener), detail: `${lateDetail(callee)}; the request may have taken effect` },
    {
      // an injected answer looks like an unavailable service
      filters: [status('EQ', 503), flags(['FI'])],
      code: 'dependency_unavailable',
      detail: `${callee} is unavailable (%RESPONSE_FLAGS%)`,
      aboutCallee: true,
      retryAfter: true,
    },
    ...(listener.direction === 'inbound' ? [{ ...unavailable(callee, ['UF']), unseen: true }] : []),
    unavailable(callee, unavailableFlags),
    {
      filters: [flags(['UO'])],
      code: 'overloaded',
      detail: `Too many requests to ${callee} are under way`,
      aboutCallee: true,
      retryAfter: true,
    },
  ];
}

/** A callee that took too long. */
function late(listener: Listener) {
  return {
    filters: [status('EQ', 504)],
    code: listener.direction === 'edge' ? 'deadline_exceeded' : 'dependency_timeout',
    aboutCallee: true,
  } as const;
}

function lateDetail(callee: string): string {
  return `${callee} did not answer in time (%RESPONSE_FLAGS%)`;
}

function unavailable(callee: string, names: readonly string[]): Rule {
  return {
    filters: [status('GE', 500), flags(names)],
    code: 'dependency_unavailable',
    status: 503,
    detail: `${callee} is unavailable (%RESPONSE_FLAGS%)`,
    aboutCallee: true,
    retryAfter: true,
  };
}

function aboutRequest(listener: Listener): readonly Rule[] {
  return [
    {
      filters: [status('EQ', 503)],
      code: 'overloaded',
      detail: `${listener.serviceName} has more to do than it can`,
      retryAfter: true,
    },
    {
      filters: [status('GE', 500)],
      code: 'internal',
      detail: `${listener.serviceName} failed (%RESPONSE_CODE_DETAILS%)`,
    },
    { filters: [status('EQ', 429)], code: 'overloaded', detail: 'Too many requests', retryAfter: true },
    ...(fromOutside(listener) ? refusedClient : []),
    ...(listener.direction === 'plain' ? [unknownHost] : []),
    ...(listener.direction === 'outbound' ? [refusedCall(listener)] : []),
    ...(listener.direction === 'inbound' ? [refusedCaller(listener)] : []),
    { filters: [status('EQ', 404)], code: 'not_found', detail: 'There is no %REQ(:method)% %PATH(NQ:PATH)%' },
    { filters: [status('EQ', 413)], code: 'too_large', detail: 'The body is larger than allowed' },
    { filters: [status('GE', 400)], ...unacceptable },
  ];
}

/** The addresses a person tries first: `/`, `/api`, `/docs`. */
const entrance = { name: ':path', string_match: { safe_regex: { regex: '/((api|docs)/?)?(\\?.*)?' } } };

/** The answers of `edge-auth.ts`. */
const refusedUser: readonly Rule[] = [
  {
    filters: [status('EQ', 401), absent('authorization')],
    code: 'unauthorized',
    detail:
      'This is for users that are known: log in at POST /api/users/login, and send the token of its answer as "authorization: Bearer <token>"',
    challenge: 'Bearer realm="microshop"',
  },
  {
    filters: [status('EQ', 401)],
    code: 'unauthorized',
    // Envoy's word for what is wrong: `jwt_authn_access_denied{Jwt_is_expired}`
    detail: 'The token is invalid (%RESPONSE_CODE_DETAILS%); POST /api/users/login answers another',
    challenge: 'Bearer realm="microshop", error="invalid_token"',
  },
  {
    // the token was verified; a head that is too large is refused before
    filters: [status('EQ', 403), present(subjectHeaders.user)],
    code: 'forbidden',
    detail: 'The user of this token may not do this; it is for admins',
  },
];

/** The answers of `refusals.ts`, where there is nothing, and to a client that is too slow. */
const refusedClient: readonly Rule[] = [
  ...refusedUser,
  {
    filters: [status('EQ', 404), { header_filter: { header: entrance } }],
    code: 'not_found',
    detail: `There is no %REQ(:method)% %PATH(NQ:PATH)%; the API is described at ${services.map(({ name }) => `/docs/${name}`).join(', ')}`,
  },
  // CONNECT
  { filters: [status('EQ', 403), absent(':path')], ...unacceptable, instance: '/' },
  {
    // without a trace yet it is an upgrade that was refused
    filters: [status('EQ', 403), { header_filter: { header: unlike(traceIdHeader, noTraceId) } }],
    code: 'bad_request',
    status: 431,
    detail: `The request has more than ${requestHeadLimits.headers} headers, or more than ${requestHeadLimits.bytes / 1024} KiB of path and headers`,
  },
  {
    filters: [status('EQ', 405)],
    code: 'method_not_allowed',
    detail: '%REQ(:method)% is not allowed here, only %RESP(allow)%',
  },
  {
    filters: [status('EQ', 417)],
    code: 'bad_request',
    detail: 'The only expectation met here is 100-continue',
  },
  {
    filters: [status('EQ', 408)],
    code: 'bad_request',
    detail: 'The request did not come in in time (%RESPONSE_CODE_DETAILS%)',
  },
  {
    filters: [status('EQ', 400), { header_filter: { header: unlike(':authority', hostPattern) } }],
    code: 'bad_request',
    detail: 'The host of the request is not acceptable',
  },
];

/** The answer to who calls the gateway by a name that is not its own: a redirect would lead wherever the request says. */
const unknownHost: Rule = {
  filters: [status('EQ', 400)],
  code: 'bad_request',
  detail: 'The gateway is not known as "%REQ(:authority)%", so this cannot be redirected to HTTPS',
};

/** The answer of the route `refused`. */
function refusedCall(listener: Listener): Rule {
  return {
    filters: [status('EQ', 403)],
    code: 'forbidden',
    detail: `The topology has no call from ${listener.service ?? listener.part} to "%REQ(:authority)%"`,
  };
}

/** The answer of the authorization: to whom the certificate speaks of, under the name it gave. */
function refusedCaller(listener: Listener): Rule {
  return {
    filters: [status('EQ', 403)],
    code: 'forbidden',
    detail: `The topology has no call from %DOWNSTREAM_PEER_URI_SAN% as "%REQ(${callerHeader})%" to ${listener.service ?? listener.part}`,
  };
}

/** Requests that change nothing. */
const reading: JsonObject = {
  header_filter: { header: { name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD' } } } },
};

/** How a reply names the callee: inbound it is the pod's own service, elsewhere the cluster bears the name. */
function calleeOf(listener: Listener): string {
  return listener.direction === 'inbound' && listener.service !== undefined
    ? listener.service
    : '%UPSTREAM_CLUSTER_RAW%';
}

function mapper(listener: Listener, rule: Rule): JsonObject {
  const traceId = rule.traceId ?? `%REQ(${traceIdHeader})%`;
  const [filter, ...more] = rule.filters;
  return {
    filter: more.length === 0 && filter !== undefined ? filter : { and_filter: { filters: rule.filters } },
    ...(rule.status === undefined ? {} : { status_code: rule.status }),
    body_format_override: {
      content_type: problemMediaType,
      json_format: {
        type: problemType(rule.code),
        title: problemTitles[rule.code],
        status: '%RESPONSE_CODE%',
        detail: rule.detail,
        instance: rule.instance ?? '%PATH(NQ:PATH)%',
        code: rule.code,
        trace_id: traceId,
        ...(rule.aboutCallee ? { dependency: calleeOf(listener) } : {}),
      },
    },
    headers_to_add: [
      setHeader(traceIdHeader, traceId),
      ...(rule.retryAfter ? [setHeader('retry-after', String(retryAfterSeconds))] : []),
      ...(rule.challenge === undefined ? [] : [setHeader('www-authenticate', rule.challenge)]),
      ...(rule.unseen ? [setHeader(unseenHeader, 'true')] : []),
    ],
  };
}

function flags(names: readonly string[]): JsonObject {
  return { response_flag_filter: { flags: names } };
}

function absent(header: string): JsonObject {
  return { header_filter: { header: { name: header, present_match: true, invert_match: true } } };
}

function present(header: string): JsonObject {
  return { header_filter: { header: { name: header, present_match: true } } };
}

function status(op: 'EQ' | 'GE', value: number): JsonObject {
  // Envoy demands a runtime key for every compared number; nothing sets this one.
  const comparison = { op, value: { default_value: value, runtime_key: `local_reply.status_${value}` } };
  return { status_code_filter: { comparison } };
}
