/**
 * Errors that do not come from PostgreSQL itself: those of the system and of `pg`. All of them mean that it cannot be
 * reached.
 */

/** Codes of sockets, names and TLS, with what each means; `cannot be reached` is `unavailable`. */
export const systemErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the port is closed',
  ECONNRESET: 'the connection broke',
  ECONNABORTED: 'the connection broke',
  ENOTCONN: 'the connection broke',
  EPIPE: 'the connection broke',
  ESHUTDOWN: 'the connection broke',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no way to the host',
  EHOSTDOWN: 'no way to the host',
  ENETUNREACH: 'no way to its network',
  ENETDOWN: 'no network',
  ENETRESET: 'no network',
  EADDRNOTAVAIL: 'this host has no port left',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'the name server does not answer',
  EAI_FAIL: 'the name server fails',
  EAI_NODATA: 'its name has no address',
  EAI_NONAME: 'its name is not known',
  ESERVFAIL: 'the name server fails',
  EMFILE: 'this process has no file descriptor left',
  ENFILE: 'this host has no file descriptor left',
  ENOBUFS: 'this host has no memory for sockets left',
  ENOMEM: 'this host has no memory left',
  EPROTO: 'TLS: the server does not speak it as expected',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS: the server does not speak it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: its certificate is for another name',
  CERT_HAS_EXPIRED: 'TLS: its certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS: its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: its certificate is not trusted',
};

/** What `pg` 8 and its pool say, without any code, when a connection cannot be obtained or is lost. */
export const clientMessages: readonly {
  readonly pattern: RegExp;
  readonly says: string;
  readonly why: string;
}[] = [
  {
    pattern: /timeout exceeded when trying to connect/i,
    says: 'timeout exceeded when trying to connect',
    why: 'the pool had no connection to give',
  },
  { pattern: /Connection terminated/i, says: 'Connection terminated …', why: 'the connection broke' },
  {
    pattern: /Client has encountered a connection error/i,
    says: 'Client has encountered a connection error',
    why: 'the connection broke before',
  },
  {
    pattern: /Client was closed and is not queryable/i,
    says: 'Client was closed and is not queryable',
    why: 'the connection was ended',
  },
  { pattern: /^timeout expired$/i, says: 'timeout expired', why: 'no answer in time' },
  { pattern: /Query read timeout/i, says: 'Query read timeout', why: 'no answer in time' },
  {
    pattern: /server does not support SSL|error establishing an SSL connection/i,
    says: 'The server does not support SSL connections',
    why: 'this is not PostgreSQL, or it is misconfigured',
  },
  { pattern: /^SASL:/, says: 'SASL: …', why: 'the login failed' },
  {
    pattern: /^Received unexpected \w+ message from backend/i,
    says: 'Received unexpected … message from backend',
    why: 'the connection is out of sync',
  },
];
