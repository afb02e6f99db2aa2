// urql 6 with its normalised cache, which knows the schema.
import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { getIntrospectionQuery } from "graphql";
import { given, tell } from "./given.mjs";

const { url, token, community, grid } = given;
const fetchOptions = { headers: { authorization: `Bearer ${token}` } };

const plain = new Client({ url, fetchOptions, exchanges: [fetchExchange], preferGetMethod: false });
const { data: schema } = await plain.query(getIntrospectionQuery(), {});

// The cache complains of what it cannot know: a type, a field, a key.
const complaints = [];
const client = new Client({
  url,
  fetchOptions,
  preferGetMethod: "within-url-limit",
  exchanges: [
    cacheExchange({
      schema,
      resolvers: { Query: { communities: relayPagination() } },
      logger: (severity, message) => complaints.push(`${severity}: ${message}`),
    }),
    fetchExchange,
  ],
});

const PAGE = gql`
  query ($after: String) {
    communities(first: 1, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          name
        }
      }
    }
  }
`;

async function pages() {
  let { data } = await client.query(PAGE, {});
  const ids = () => data.communities.edges.map((edge) => edge.node.id);
  const first = ids();
  while (data.communities.pageInfo.hasNextPage) {
    ({ data } = await client.query(PAGE, { after: data.communities.pageInfo.endCursor }));
  }
  return { first, all: ids() };
}

const NODE = gql`
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

const RENAME = gql`
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
`;

async function mutation() {
  const asked = await client.query(NODE, { id: grid });
  const input = { id: grid, version: asked.data.node.version, name: "优客网格" };
  const { data } = await client.mutation(RENAME, { input });
  const cached = await client.query(NODE, { id: grid }, { requestPolicy: "cache-only" });
  return { errors: data.renameGrid.errors, cached: cached.data.node };
}

const invalid = await plain.query(gql`{ nothing }`, {});
tell({
  pages: await pages(),
  mutation: await mutation(),
  interface: (await client.query(NODE, { id: community })).data.node,
  invalid: invalid.error.graphQLErrors.map((error) => error.extensions.code),
  complaints,
});
