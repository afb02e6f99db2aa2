import "graphiql/style.css";
import "./style.css";
import "./workers.js";

import { lazy, StrictMode, Suspense, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

import { Bar } from "./Bar.jsx";
import { SignIn } from "./SignIn.jsx";
import { actUnder, logOut, viewer, whenOver } from "./session.js";
import { forget } from "./storage.js";
import { texts } from "./texts.js";

// Large: it is loaded while the form is filled in.
const loading = import("./Editor.jsx");
const Editor = lazy(() => loading);

function Page() {
  // undefined: not known yet; null: nobody.
  const [account, setAccount] = useState();
  const [notice, setNotice] = useState("");

  const look = () => viewer().then((found) => setAccount(found ?? null));
  useEffect(() => {
    whenOver(() => {
      setNotice(texts.over);
      setAccount(null);
    });
    look();
  }, []);

  const leave = async () => {
    whenOver(() => {});
    setAccount(undefined);
    await logOut();
    forget(account.username);
    // Nothing of what was shown stays in the page.
    location.reload();
  };
  const choose = (grant) => {
    actUnder(grant);
    setAccount({ ...account, grant });
  };

  if (account === undefined) return <p className="waiting">{texts.loading}</p>;
  if (account === null) return <SignIn notice={notice} onDone={look} />;
  return (
    <>
      <Bar account={account} onGrant={choose} onLeave={leave} />
      <Suspense fallback={<p className="waiting">{texts.loading}</p>}>
        <Editor key={account.username} account={account} />
      </Suspense>
    </>
  );
}

createRoot(document.getElementById("page")).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
