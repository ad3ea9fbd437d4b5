/** What the page of the console asks for and gets: it checks every answer against these, so nothing here may need Node. */
import { type Static, Type } from 'typebox';

/** Paths under which the page is served; each is a view of it. */
export const pagePaths = ['/', '/orders', '/orders/:id', '/faults', '/parts'] as const;

/** Where the page hands over the code of its address for a cookie. */
export const sessionPath = '/api/console/session';

/** What a code stands behind in the address of the page: what follows `#` is never sent, so it is in no log. */
export const codeMark = '#enter=';

/** Body of `POST /api/console/codes`: it opens one session. */
export const codeSchema = Type.Object({ code: Type.String() });

/** Body of `GET /api/console/session`. */
export const sessionSchema = Type.Object({
  /** Whether this page may change the mesh. */
  may_change: Type.Boolean(),
  /** Number of the mesh. */
  instance: Type.Integer(),
  mode: Type.Enum(['native', 'compose']),
  /** How the command is called where the mesh runs: `./mesh`. */
  command: Type.String(),
  /** Addresses by what they are, as `./mesh status` shows them. */
  urls: Type.Record(Type.String(), Type.String()),
});

/** Whether a part answers. */
export const partSchema = Type.Object({
  /** As `./mesh status` names it. */
  name: Type.String(),
  kind: Type.Enum(['gateway', 'app', 'sidecar', 'server', 'control']),
  healthy: Type.Boolean(),
  /** What is wrong; empty when it is healthy. */
  why: Type.String(),
});

/** Whether a part answers. */
export type Part = Static<typeof partSchema>;

/** Body of `GET /api/console/parts`. */
export const partListSchema = Type.Object({ parts: Type.Array(partSchema) });
