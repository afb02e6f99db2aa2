// Relay: what relay-compiler made of relay/app.js, run by relay-runtime.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import relay from "relay-runtime";
import { given, tell } from "./given.mjs";

const { url, token, station, grid, trusted } = given;
const artifact = (name) => createRequire(import.meta.url)(`./relay/__generated__/${name}.graphql.js`);
const persisted = JSON.parse(readFileSync(new URL("relay/__generated__/persisted.json", import.meta.url)));

async function send(params, variables) {
  const asked = trusted ? { documentId: params.id } : { query: persisted[params.id] };
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ ...asked, variables }),
  });
  return response.json();
}

const environment = new relay.Environment({
  network: relay.Network.create(send),
  store: new relay.Store(new relay.RecordSource()),
});

const ask = (name, variables) => relay.fetchQuery(environment, artifact(name), variables).toPromise();

// What a component gets that has the fragment.
function read(fragment, key) {
  return environment.lookup(relay.getSingularSelector(artifact(fragment), key)).data;
}

const query = relay.getRequest(artifact("appQuery"));
const operation = relay.createOperationDescriptor(query, { station, grid });
await relay.fetchQuery(environment, query, { station, grid }).toPromise();
environment.retain(operation);
const root = environment.lookup(operation.fragment).data;

const stations = () => read("appStation", root.station.appStation);
const ids = () => stations().communities.edges.map((edge) => edge.node.id);
const first = ids();
while (stations().communities.pageInfo.hasNextPage) {
  await ask("appStationQuery", { id: station, count: 1, cursor: stations().communities.pageInfo.endCursor });
}
const pages = { first, all: ids(), totalCount: stations().communities.totalCount };

await ask("appGridQuery", { id: grid });
const before = read("appGrid", root.grid.appGrid);
const place = read("appPlace", before.parent);
const renamed = await new Promise((resolve, reject) => {
  relay.commitMutation(environment, {
    mutation: artifact("appRenameMutation"),
    variables: { input: { id: grid, version: before.version, name: "接力网格" } },
    onCompleted: resolve,
    onError: reject,
  });
});
tell({
  pages,
  place: Object.keys(place).sort(),
  mutation: { errors: renamed.renameGrid.errors, name: read("appGrid", root.grid.appGrid).name },
});
