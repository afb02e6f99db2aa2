import { useEffect, useState } from "react";

import { comeBack, findIssuer, leaveFor } from "./issuer.js";
import { Languages } from "./Languages.jsx";
import { logIn, logInWithIdToken } from "./session.js";
import { texts } from "./texts.js";

/** The form of who is not logged in; `notice` says why, if there was a session before. */
export function SignIn({ notice, onDone }) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [issuer, setIssuer] = useState(null);

  // `open` gives the errors of a log-in, or nothing if it is no log-in yet.
  const attempt = async (open) => {
    setBusy(true);
    try {
      const errors = await open();
      setProblem((errors ?? []).map(({ message }) => message).join(" "));
      if (errors?.length === 0) await onDone();
    } catch (error) {
      setProblem(error instanceof TypeError ? texts.unreachable : error.message);
    }
    setBusy(false);
  };
  const submit = (event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    attempt(() => logIn(given.get("username"), given.get("password")));
  };
  useEffect(() => {
    findIssuer().then(setIssuer);
    const coming = comeBack();
    if (coming) attempt(async () => logInWithIdToken(await coming()));
  }, []);

  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>{texts.title}</h1>
        <p>{texts.lead}</p>
        {(problem || notice) && <p role="alert">{problem || notice}</p>}
        <label>
          {texts.username}
          <input name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
        </label>
        <label>
          {texts.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button disabled={busy}>
          {busy ? texts.loggingIn : texts.logIn}
        </button>
        {issuer && (
          <button type="button" className="other" disabled={busy} onClick={() => attempt(() => leaveFor(issuer))}>
            {`${texts.issuer} ${new URL(issuer.issuer).host}`}
          </button>
        )}
        <footer>
          <a href="./">{texts.home}</a>
          <Languages />
        </footer>
      </form>
    </main>
  );
}
