// The client that `make client` writes.
import {
  CommunityDocument,
  PlaceDocument,
  Refused,
  RenameGridDocument,
  StationsDocument,
  Zhanwang,
  possibleTypes,
} from "../../client/dist/index.js";
import { given, tell } from "./given.mjs";

const { url, token, grid, username, password, trusted } = given;
const options = { grant: "R0", language: "zh", program: "roster/1.2" };
const zhanwang = new Zhanwang(url, { token, trusted });

async function refused(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.errors.map((one) => one.extensions.code);
  }
}

const fetched = globalThis.fetch;
const refreshes = [];

// The first answers are those to a token that has ended.
async function renewed() {
  const session = new Zhanwang(url, { trusted });
  await session.logIn(username, password);
  let ended = 2;
  globalThis.fetch = (address, request) => {
    const { query, documentId, variables } = JSON.parse(request.body);
    if (variables?.refreshToken) refreshes.push(query ?? documentId);
    if (ended-- > 0) request.headers.set("authorization", "Bearer ended");
    return fetched(address, request);
  };
  const answers = await Promise.all([1, 2].map((first) => session.ask(StationsDocument, { first })));
  globalThis.fetch = fetched;
  return answers.map((answer) => answer.stations.nodes.length > 0);
}

// What the server is told beside the operation.
async function headers() {
  let told;
  globalThis.fetch = (address, request) => {
    told = request.headers;
    return fetched(address, request);
  };
  await refused(() => new Zhanwang(url, { ...options, token, trusted }).ask(CommunityDocument, { code: "1" }));
  globalThis.fetch = fetched;
  return ["x-zhanwang-grant", "accept-language", "x-zhanwang-client"].map((name) => told.get(name));
}

const { node } = await zhanwang.ask(PlaceDocument, { id: grid });
const { renameGrid } = await zhanwang.ask(RenameGridDocument, { id: grid, version: node.version, name: "类型网格" });
tell({
  node,
  renamed: renameGrid.grid.name,
  places: possibleTypes.Place,
  unauthenticated: await refused(() => new Zhanwang(url, { token: "nonsense", trusted }).ask(CommunityDocument, { code: "1" })),
  wrongPassword: await refused(() => new Zhanwang(url, { trusted }).logIn(username, "wrong")),
  renewed: username ? await renewed() : null,
  refreshes: refreshes.length,
  headers: await headers(),
});
