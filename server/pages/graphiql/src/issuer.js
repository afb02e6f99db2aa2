// Signing in at an issuer of OpenID Connect, by its code flow with a proof key: https://openid.net/specs/openid-connect-core-1_0.html
import { language } from "./texts.js";

const KEPT = "zhanwang:issuer";
const HERE = new URL("graphiql", document.baseURI).href;

/** The issuer that accounts can sign in at: `{ issuer, clientId }`, or null. */
export async function findIssuer() {
  try {
    return (await (await fetch("sign-in")).json()).openIdConnect;
  } catch {
    return null;
  }
}

/** Leaves for the issuer's page. */
export async function leaveFor({ issuer, clientId }) {
  const { authorization_endpoint, token_endpoint } = await discover(issuer);
  const [state, nonce, verifier] = [random(), random(), random()];
  sessionStorage.setItem(KEPT, JSON.stringify({ state, nonce, verifier, clientId, token_endpoint }));
  const challenge = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const address = new URL(authorization_endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code",
    client_id: clientId,
    redirect_uri: HERE,
    scope: "openid",
    state,
    nonce,
    code_challenge: base64url(challenge),
    code_challenge_method: "S256",
    ui_locales: language,
  })) {
    address.searchParams.set(name, value);
  }
  location.assign(address);
}

/** Gets what the issuer has attested: `{ idToken, nonce }`; undefined if we do not come from there. */
export function comeBack() {
  const { code, state, error } = Object.fromEntries(new URLSearchParams(location.search));
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  sessionStorage.removeItem(KEPT);
  if (!state || state !== kept?.state) return undefined;
  history.replaceState(null, "", HERE);
  return async () => {
    if (error) throw new Error(error);
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: kept.clientId,
      code_verifier: kept.verifier,
      redirect_uri: HERE,
      code,
    });
    const answer = await (await fetch(kept.token_endpoint, { method: "POST", body, credentials: "omit" })).json();
    if (!answer.id_token) throw new Error(answer.error);
    return { idToken: answer.id_token, nonce: kept.nonce };
  };
}

async function discover(issuer) {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  return (await fetch(address, { credentials: "omit" })).json();
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
