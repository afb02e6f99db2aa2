// GraphiQL's way to the server: HTTP for queries and mutations, graphql-transport-ws for subscriptions.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";

import { end, identity, send } from "./session.js";
import { language } from "./texts.js";

const SOCKET = new URL("graphql", document.baseURI.replace(/^http/, "ws"));

/** A fetcher in the name of whoever is logged in, and what closes its socket. */
export function makeFetcher() {
  const socket = createClient({
    url: SOCKET.href,
    connectionParams: async () => ({ ...(await identity()), "Accept-Language": language }),
  });
  const inner = createGraphiQLFetcher({
    url: "graphql",
    fetch: async (_, { body, headers }) => send(body, await identity(), headers),
    wsClient: socket,
    enableIncrementalDelivery: false,
  });
  const fetcher = async (...given) => {
    const result = await inner(...given);
    // The token was fresh enough: the session itself is over.
    if (result.errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED")) end();
    return result;
  };
  return { fetcher, close: () => socket.dispose() };
}
