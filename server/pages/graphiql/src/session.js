// The session of this tab: its tokens, whom they are of, and requests in its name.
//
// The tokens live in memory. sessionStorage has them only while the page is reloaded: a duplicated tab would have a copy
// of it, and a refresh token that comes a second time ends the session.
import { language } from "./texts.js";

const ENDPOINT = new URL("graphql", document.baseURI);
const KEPT = "zhanwang:tokens";
const AHEAD_MS = 30_000;

const TOKENS = "accessToken refreshToken expiresAt errors { code message }";
const LOG_IN = `mutation LogIn($input: LogInInput!) { logIn(input: $input) { ${TOKENS} } }`;
const LOG_IN_WITH_ID_TOKEN = `mutation LogIn($input: LogInWithIdTokenInput!) {
  logInWithIdToken(input: $input) { ${TOKENS} }
}`;
const REFRESH = `mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) { ${TOKENS} } }`;
const LOG_OUT = "mutation LogOut { logOut(input: {}) { endedSessions } }";
const VIEWER = `query Viewer {
  viewer { account { username } grant { id } grants { id role place { name } } }
}`;

let tokens = takeKept();
let grant = tokens?.grant;
let refreshing;
let onEnd = () => {};

window.addEventListener("pagehide", () => {
  if (tokens) sessionStorage.setItem(KEPT, JSON.stringify({ ...tokens, grant }));
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) takeKept();
});

function takeKept() {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  return kept ? JSON.parse(kept) : undefined;
}

/** Posts to the server; `headers` in the order of their weight, the last one's count. */
export function send(body, ...headers) {
  const all = new Headers({ "Accept-Language": language, "Content-Type": "application/json" });
  for (const some of headers) new Headers(some).forEach((value, name) => all.set(name, value));
  return fetch(ENDPOINT, { method: "POST", body, headers: all, credentials: "omit" });
}

async function answer(query, variables, headers) {
  const response = await send(JSON.stringify({ query, variables }), { Accept: "application/json" }, headers);
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return { data, clock: Date.parse(response.headers.get("Date")) || Date.now() };
}

/** Opens a session; the errors why not, if not. */
export async function logIn(username, password) {
  const { data, clock } = await answer(LOG_IN, { input: { username, password } });
  return take(data.logIn, clock);
}

/** Opens a session with what an issuer has attested: `{ idToken, nonce }`; the errors why not, if not. */
export async function logInWithIdToken(attested) {
  const { data, clock } = await answer(LOG_IN_WITH_ID_TOKEN, { input: attested });
  return take(data.logInWithIdToken, clock);
}

// By the server's clock: the one here may be wrong.
function take({ errors, accessToken, refreshToken, expiresAt }, clock) {
  if (errors.length) return errors;
  tokens = { accessToken, refreshToken, endsAt: Date.now() + (Date.parse(expiresAt) - clock) };
  return [];
}

/** The headers of whom this tab acts for: a token that holds a while yet, and the grant. Empty when nobody is logged in. */
export async function identity() {
  if (!tokens) return {};
  if (Date.now() > tokens.endsAt - AHEAD_MS) {
    refreshing ??= refresh().finally(() => (refreshing = undefined));
    await refreshing;
  }
  if (!tokens) return {};
  return { Authorization: `Bearer ${tokens.accessToken}`, ...(grant && { "X-Zhanwang-Grant": grant }) };
}

async function refresh() {
  const { data, clock } = await answer(REFRESH, { input: { refreshToken: tokens.refreshToken } });
  if (take(data.refreshSession, clock).length) end();
}

/** Who is logged in: `{ username, grants, grant }`; undefined if nobody is. */
export async function viewer() {
  const headers = await identity();
  if (!headers.Authorization) return undefined;
  try {
    const { viewer: found } = (await answer(VIEWER, undefined, headers)).data;
    grant ??= found.grant?.id;
    return { username: found.account.username, grants: found.grants, grant: found.grant?.id };
  } catch {
    end();
    return undefined;
  }
}

/** Acts under another grant from now on. */
export function actUnder(id) {
  grant = id;
}

/** Ends the session, here and at the server. */
export async function logOut() {
  const headers = await identity();
  end();
  if (headers.Authorization) await answer(LOG_OUT, undefined, headers).catch(() => {});
}

/** Forgets the session, and tells the page. */
export function end() {
  tokens = grant = undefined;
  onEnd();
}

/** Has `listener` called whenever the session is over. */
export function whenOver(listener) {
  onEnd = listener;
}
