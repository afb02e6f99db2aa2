// Apollo Client 4: its normalised cache, pages, errors, persisted queries, batches.
import { createHash } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client/core";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";
import { given, tell } from "./given.mjs";

const { url, automatic, token, community, grid } = given;
const headers = { authorization: `Bearer ${token}` };
const link = new HttpLink({ uri: url, headers });

// As Apollo's documentation has it: the types of interfaces are asked of the server once.
const TYPES = gql`
  {
    __schema {
      types {
        kind
        name
        possibleTypes {
          name
        }
      }
    }
  }
`;
const asking = new ApolloClient({ link, cache: new InMemoryCache() });
const { types } = (await asking.query({ query: TYPES })).data.__schema;
const possibleTypes = Object.fromEntries(
  types.filter((type) => type.kind === "INTERFACE").map((type) => [type.name, type.possibleTypes.map((one) => one.name)]),
);

const cache = new InMemoryCache({
  possibleTypes,
  typePolicies: { Query: { fields: { communities: relayStylePagination(["where", "orderBy"]) } } },
});
const client = new ApolloClient({ link, cache });

async function interfaces() {
  const query = gql`
    query ($id: ID!) {
      node(id: $id) {
        id
        ...Named
        ... on Grid {
          version
        }
      }
    }
    fragment Named on Place {
      code
      name
    }
  `;
  const { data } = await client.query({ query, variables: { id: grid } });
  const fragment = gql`
    fragment Cached on Place {
      name
      code
    }
  `;
  return { asked: data.node, cached: client.readFragment({ id: cache.identify(data.node), fragment }) };
}

async function pages() {
  const query = gql`
    query ($after: String) {
      communities(first: 1, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          cursor
          node {
            id
          }
        }
      }
    }
  `;
  const watched = client.watchQuery({ query });
  await new Promise((resolve) => watched.subscribe((result) => !result.loading && resolve()));
  const ids = (data) => data.communities.edges.map((edge) => edge.node.id);
  let data = client.readQuery({ query });
  const first = ids(data);
  while (data.communities.pageInfo.hasNextPage) {
    await watched.fetchMore({ variables: { after: data.communities.pageInfo.endCursor } });
    data = client.readQuery({ query });
  }
  return { first, all: ids(data), totalCount: data.communities.totalCount };
}

async function refused(query, using = client, variables = {}) {
  try {
    await using.query({ query, variables, fetchPolicy: "network-only" });
  } catch (error) {
    return { name: error.name, message: error.message, status: error.statusCode ?? null, codes: error.errors?.map((one) => one.extensions.code) };
  }
}

async function mutation() {
  const cached = gql`
    fragment Renamed on Grid {
      name
      version
    }
  `;
  const { version } = client.readFragment({ id: `Grid:${grid}`, fragment: cached });
  const { data } = await client.mutate({
    mutation: gql`
      mutation ($input: RenameGridInput!) {
        renameGrid(input: $input) {
          grid {
            id
            name
            version
          }
          errors {
            code
          }
        }
      }
    `,
    variables: { input: { id: grid, version, name: "阿波罗网格" } },
  });
  return { errors: data.renameGrid.errors, cached: client.readFragment({ id: `Grid:${grid}`, fragment: cached }) };
}

async function batch() {
  const batching = new BatchHttpLink({ uri: url, headers, batchMax: 2, batchInterval: 5 });
  const using = new ApolloClient({ link: batching, cache: new InMemoryCache(), queryDeduplication: false });
  const query = gql`
    query ($id: ID!) {
      node(id: $id) {
        id
      }
    }
  `;
  return Promise.all([grid, community].map((id) => refused(query, using, { id })));
}

// What is sent when the same query is asked twice: by which method, and whether with its text.
async function persisted() {
  const sent = [];
  const fetching = (address, request) => {
    const { searchParams } = new URL(address);
    sent.push([request.method, searchParams.has("query") || "query" in JSON.parse(request.body ?? "{}")]);
    return fetch(address, request);
  };
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const using = new ApolloClient({
    link: new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(
      new HttpLink({ uri: automatic, headers, fetch: fetching }),
    ),
    cache: new InMemoryCache(),
  });
  const query = gql`{ viewer { permissions } }`;
  const asked = () => using.query({ query, fetchPolicy: "network-only" });
  const answers = [await asked(), await asked()];
  return { sent, answered: answers.map(({ data }) => data.viewer.permissions.length > 0) };
}

tell({
  interfaces: await interfaces(),
  pages: await pages(),
  invalid: await refused(gql`{ nothing }`),
  outOfRange: await refused(gql`{ accounts(first: 1000) { nodes { id } } }`),
  unauthenticated: await refused(
    gql`{ viewer { permissions } }`,
    new ApolloClient({ link: new HttpLink({ uri: url, headers: { authorization: "Bearer nonsense" } }), cache: new InMemoryCache() }),
  ),
  mutation: await mutation(),
  batch: await batch(),
  persisted: await persisted(),
});
