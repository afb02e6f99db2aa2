// PostGraphile 5 over Zhanwang's tables, for `python -m benchmarks.run`, which gives all of it by the environment:
//   PEER_DATABASE_URL  as the role that row-level security binds     PEER_POOL_SIZE  its connections
//   PEER_TOKEN_KEY     of the access tokens, in hexadecimal          PEER_PORT       where to listen on 127.0.0.1
//   PEER_TIMEOUT_MS    the longest that a statement may take
//
// `server.cjs schema` prints the schema.
//
// The scope of a request goes the way that PostGraphile knows: its settings `zhanwang.scope` and `zhanwang.account`, which
// it sets locally to each of its transactions. That is kinder than the server and the floor, whose every statement checks
// account, session and grant again by `open_scope`: here they are looked up once for a token, and remembered.
const { createHmac, timingSafeEqual } = require("node:crypto");
const { createServer } = require("node:http");
const { Pool } = require("pg");
const { postgraphile } = require("postgraphile");
const { grafserv } = require("postgraphile/grafserv/node");
const { makePgService } = require("postgraphile/adaptors/pg");
const { PostGraphileAmberPreset } = require("postgraphile/presets/amber");
const { pgSmartTags } = require("postgraphile/utils");
const { PgAggregatesPreset } = require("@graphile/pg-aggregates");
const { PostGraphileConnectionFilterPreset } = require("postgraphile-plugin-connection-filter");

const { PEER_DATABASE_URL, PEER_POOL_SIZE, PEER_PORT, PEER_TIMEOUT_MS, PEER_TOKEN_KEY } = process.env;
const pool = new Pool({
  connectionString: PEER_DATABASE_URL,
  max: Number(PEER_POOL_SIZE),
  options: `-c statement_timeout=${PEER_TIMEOUT_MS} -c TimeZone=Asia/Shanghai -c jit=off`,
});

// The tables that are asked, and the plain references that queries follow: our foreign keys carry the path along.
const TABLES = {
  station: [],
  community: ["(parent_id) references station (id)"],
  grid: ["(parent_id) references community (id)"],
  person: ["(place_id) references grid (id)"],
  assignment: ["(place_id) references grid (id)", "(person_id) references person (id)"],
  service_record: [],
};
const Tables = pgSmartTags(
  [
    { kind: "class", match: ({ relname }) => !(relname in TABLES), tags: { behavior: "-*" } },
    { kind: "procedure", match: () => true, tags: { behavior: "-*" } },
    { kind: "constraint", match: ({ conname }) => conname === "service_record_corrects_id_fkey", tags: { behavior: "-*" } },
    ...Object.entries(TABLES).map(([match, foreignKey]) => ({ kind: "class", match, tags: { foreignKey } })),
  ],
  null,
  { name: "TablesPlugin" },
);

// What the aggregates plugin lacks: the number of rows, and the month of a day to group by.
const Aggregates = {
  name: "CountsAndMonthsPlugin",
  version: "1.0.0",
  after: ["PgAggregatesSpecsPlugin"],
  schema: {
    hooks: {
      build(build) {
        const { sql, dataplanPg: { TYPES } } = build;
        build.pgAggregateSpecs.push({
          id: "count",
          humanLabel: "row count",
          HumanLabel: "Row count",
          isSuitableType: (codec) => Boolean(codec.extensions?.isNumberLike),
          sqlAggregateWrap: () => sql`count(*)`,
          pgTypeCodecModifier: () => TYPES.bigint,
        });
        build.pgAggregateGroupBySpecs.push({
          id: "truncated-to-month",
          isSuitableType: (codec) => codec === TYPES.date,
          sqlWrap: (day) => sql`date_trunc('month', ${day})::date`,
          sqlWrapCodec: (codec) => codec,
        });
        return build;
      },
    },
  },
};

const verified = new Map();

function claimsOf(token) {
  const [head, body, signature] = token.split(".");
  const expected = createHmac("sha256", Buffer.from(PEER_TOKEN_KEY, "hex")).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error("no token of ours");
  return JSON.parse(Buffer.from(body, "base64url").toString());
}

async function settingsOf(authorization) {
  const token = (authorization ?? "").replace(/^Bearer /, "");
  let known = verified.get(token);
  if (!known) {
    const claims = claimsOf(token);
    const { rows } = await pool.query("SELECT path FROM acting_grants($1, $2, $3) LIMIT 1", [
      claims.sub,
      claims.ver,
      claims.ses,
    ]);
    if (rows.length === 0) throw new Error("no grant");
    known = { expires: claims.exp, settings: { "zhanwang.scope": rows[0].path, "zhanwang.account": claims.sub } };
    verified.set(token, known);
  }
  if (known.expires * 1000 <= Date.now()) throw new Error("expired");
  return known.settings;
}

const preset = {
  extends: [PostGraphileAmberPreset, PgAggregatesPreset, PostGraphileConnectionFilterPreset],
  plugins: [Tables, Aggregates],
  // Foreign keys without an index of just their columns have one of more.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  schema: {
    connectionFilterRelations: false,
    defaultBehavior: "+connection +list +connection:resource:aggregates -insert -update -delete",
  },
  grafast: {
    explain: false,
    async context({ node }) {
      return { pgSettings: await settingsOf(node?.req.headers.authorization) };
    },
  },
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false, watch: false, maskError: (error) => error },
};

async function main() {
  const instance = postgraphile(preset);
  if (process.argv[2] === "schema") {
    console.log(require("graphql").printSchema(await instance.getSchema()));
    process.exit(0);
  }
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen(Number(PEER_PORT), "127.0.0.1");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
