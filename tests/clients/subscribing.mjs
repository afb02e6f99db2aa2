// Subscriptions: each client is told of the same change, by its own transport.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";
import { given, tell } from "./given.mjs";

const { url, token, grid } = given;
const headers = { authorization: `Bearer ${token}` };
const CHANGED = "subscription ($after: ID) { placeChanged(after: $after) { eventId place { __typename id name } } }";
const RENAME =
  "mutation ($input: RenameGridInput!) { renameGrid(input: $input) { grid { version } errors { code message } } }";

async function ask(query, variables) {
  const body = JSON.stringify({ query, variables });
  const response = await fetch(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });
  return (await response.json()).data;
}

let { version } = (await ask("query ($id: ID!) { node(id: $id) { ... on Grid { version } } }", { id: grid })).node;
async function rename(name) {
  const { renameGrid } = await ask(RENAME, { input: { id: grid, version, name } });
  if (renameGrid.errors.length) throw new Error(JSON.stringify(renameGrid.errors));
  ({ version } = renameGrid.grid);
}

function sockets(authorization) {
  return createWs({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
  });
}

const ws = sockets(headers.authorization);
const sse = createSse({ url, headers });

// Each begins to listen, calls back with what it is told, and answers how to stop.
const LISTENERS = {
  graphqlWs: (told) => ws.subscribe({ query: CHANGED }, { next: ({ data }) => told(data), error: told, complete() {} }),
  graphqlSse: (told) => sse.subscribe({ query: CHANGED }, { next: ({ data }) => told(data), error: told, complete() {} }),
  apollo(told) {
    const client = new ApolloClient({ link: new GraphQLWsLink(ws), cache: new InMemoryCache() });
    const listening = client.subscribe({ query: gql(CHANGED) }).subscribe({ next: ({ data }) => told(data), error: told });
    return () => listening.unsubscribe();
  },
  urqlWs(told) {
    const forwardSubscription = ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: ws.subscribe({ query, variables }, sink) }),
    });
    const client = new Client({ url, exchanges: [subscriptionExchange({ forwardSubscription })] });
    const listening = client.subscription(CHANGED, {}).subscribe(({ data, error }) => told(data ?? error));
    return () => listening.unsubscribe();
  },
  urqlSse(told) {
    const client = new Client({ url, fetchOptions: { headers }, fetchSubscriptions: true, exchanges: [fetchExchange] });
    const listening = client.subscription(CHANGED, {}).subscribe(({ data, error }) => told(data ?? error));
    return () => listening.unsubscribe();
  },
};

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, 1000 * count));

async function everyone() {
  const told = {};
  const stops = Object.entries(LISTENERS).map(([name, listen]) => listen((found) => (told[name] ??= found)));
  // No protocol says that a subscription has begun, so that something changes until all have been told.
  for (let time = 0; time < 100 && Object.keys(told).length < stops.length; time += 1) {
    await rename(`第${time}次`);
    await seconds(0.1);
  }
  stops.forEach((stop) => stop());
  return told;
}

// What is told after an event that was got last, although nobody listened meanwhile.
async function resumed() {
  const listening = ws.iterate({ query: CHANGED });
  const event = listening.next();
  // Answered once the server listens.
  await once({ query: "{ viewer { permissions } }" });
  await rename("之前");
  const after = (await event).value.data.placeChanged;
  await listening.return();
  await rename("之间一");
  await rename("之间二");
  const found = [after];
  for await (const { data } of ws.iterate({ query: CHANGED, variables: { after: after.eventId } })) {
    found.push(data.placeChanged);
    if (found.length === 3) break;
  }
  return { events: new Set(found.map((one) => one.eventId)).size, last: found.at(-1).place.name };
}

async function once(operation, client = ws) {
  for await (const result of client.iterate(operation)) return result;
}

async function closed(client) {
  try {
    return await once({ query: CHANGED }, client);
  } catch (event) {
    return { code: event.code, reason: event.reason };
  }
}

async function handshake(protocol) {
  const socket = new WebSocket(url.replace("http", "ws"), protocol);
  return new Promise((resolve) => {
    socket.on("open", () => resolve("opened"));
    socket.on("close", () => resolve("refused"));
    socket.on("error", () => {});
  });
}

tell({
  told: await everyone(),
  asked: await once({ query: "query ($id: ID!) { node(id: $id) { id } }", variables: { id: grid } }),
  resumed: await resumed(),
  forbidden: await closed(sockets("Bearer nonsense")),
  protocols: { new: await handshake("graphql-transport-ws"), old: await handshake("graphql-ws") },
});
