import { useState } from "react";

import { Languages } from "./Languages.jsx";
import { logIn } from "./session.js";
import { texts } from "./texts.js";

/** The form of who is not logged in; `notice` says why, if there was a session before. */
export function SignIn({ notice, onDone }) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const errors = await logIn(given.get("username"), given.get("password"));
      setProblem(errors.map(({ message }) => message).join(" "));
      if (!errors.length) await onDone();
    } catch (error) {
      setProblem(error instanceof TypeError ? texts.unreachable : error.message);
    }
    setBusy(false);
  };

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
        <button disabled={busy}>{busy ? texts.loggingIn : texts.logIn}</button>
        <footer>
          <a href="./">{texts.home}</a>
          <Languages />
        </footer>
      </form>
    </main>
  );
}
