/**
 * Ask the server, and say in one way what went wrong.
 *
 * Who is logged in is known here; every write carries the session's CSRF token.
 *
 *     Refused        the server answered, and not with what was asked for: `status`, `error`
 *     Unreachable    it did not answer
 */

export class Refused extends Error {
  constructor(status, { error = "", message = "" } = {}) {
    super(message || error || String(status));
    this.status = status;
    this.error = error;
  }
}

export class Unreachable extends Error {}

/** {user, role, scopes, parts, enterprises, csrf, language}, or null where nobody is logged in. */
export let session = null;

let onLoggedOut = () => {};

/** Have `then` called whenever an answer says that nobody is logged in any more. */
export function whenLoggedOut(then) {
  onLoggedOut = then;
}

/** Ask who is logged in. Returns null for nobody. */
export async function whoAmI() {
  try {
    session = await ask("/api/v1/session");
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    session = null;
  }
  return session;
}

/** Forget who is logged in: the next page is the one that asks for a name. */
export function forget() {
  session = null;
}

/** Whether the session's role may: "captions" (see them), "archive" (read it), "alerts" (acknowledge and silence). */
export function may(scope) {
  return session !== null && session.scopes.includes(scope);
}

/** Whether this installation has the part, and the session may see it: "alerts", "archive". */
export function has(part) {
  return session !== null && session.parts.includes(part) && (part !== "archive" || may("archive"));
}

/** Return what GET answers, as JSON. `query` leaves out what is empty. */
export function get(path, query = {}, signal = undefined) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value != null));
  return ask(asked.size ? `${path}?${asked}` : path, { signal });
}

/** Send JSON; return what is answered, or null for an empty answer. */
export function send(method, path, body = null) {
  const headers = { "Content-Type": "application/json" };
  if (session?.csrf) headers["X-CSRF-Token"] = session.csrf;
  return ask(path, { method, headers, body: body === null ? null : JSON.stringify(body) });
}

async function ask(path, options = {}) {
  const answer = await reached(path, options);
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const refused = new Refused(answer.status, await reason(answer));
  if (answer.status === 401 && session !== null) {
    session = null;
    onLoggedOut();
  }
  throw refused;
}

async function reached(path, options) {
  try {
    return await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
}

async function reason(answer) {
  try {
    return await answer.json();
  } catch {
    return {};
  }
}
