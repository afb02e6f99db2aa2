import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { use, useEffect, useMemo, useState } from "react";

import { examplesPlugin, OPENED } from "./examples.jsx";
import { makeFetcher } from "./fetcher.js";
import { storageOf } from "./storage.js";
import { language } from "./texts.js";

const loading = fetch(`graphiql/examples?lang=${language}`).then((response) => response.json());

/** GraphiQL in the name of an account, with examples for the role that it acts in. */
export default function Editor({ account }) {
  const examples = use(loading);
  const role = account.grants.find(({ id }) => id === account.grant)?.role;
  const fitting = useMemo(() => examples.filter(({ roles }) => roles.includes(role)), [examples, role]);
  const plugins = useMemo(() => [examplesPlugin(fitting), HISTORY_PLUGIN], [fitting]);
  const [{ fetcher, close }] = useState(makeFetcher);
  const [storage] = useState(() => storageOf(account.username));
  const [tabs] = useState(() => fitting.slice(0, OPENED).map(({ query, variables }) => ({ query, variables })));
  useEffect(() => close, [close]);

  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      defaultTabs={tabs}
      plugins={plugins}
      inputValueDeprecation
      schemaDescription
      dangerouslyAssumeSchemaIsValid
    >
      <GraphiQL.Logo>GraphiQL</GraphiQL.Logo>
    </GraphiQL>
  );
}
