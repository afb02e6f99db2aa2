// What relay-compiler finds; the artifacts are run without React.
import { graphql } from "relay-runtime";

graphql`
  query appQuery($station: ID!, $grid: ID!) {
    station: node(id: $station) {
      __typename
      id
      ...appStation @alias
    }
    grid: node(id: $grid) {
      __typename
      id
      ...appGrid @alias
    }
  }
`;

graphql`
  fragment appStation on Station
  @argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" })
  @refetchable(queryName: "appStationQuery") {
    id
    communities(first: $count, after: $cursor) @connection(key: "appStation_communities") {
      totalCount
      edges {
        node {
          id
          name
        }
      }
    }
  }
`;

graphql`
  fragment appGrid on Grid @refetchable(queryName: "appGridQuery") {
    id
    name
    version
    parent {
      ...appPlace
    }
  }
`;

graphql`
  fragment appPlace on Place {
    code
    name
  }
`;

graphql`
  mutation appRenameMutation($input: RenameGridInput!) {
    renameGrid(input: $input) {
      grid {
        ...appGrid
      }
      errors {
        code
      }
    }
  }
`;
