// What graphql-codegen's client preset makes of the schema and of operations/, written to source/generated/.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import * as fragmentMatcher from "@graphql-codegen/fragment-matcher";
import { Source, buildASTSchema, parse } from "graphql";

const FOLDER = "source/generated/";
// For documents inside of programs.
const UNUSED = ["gql.ts", "index.ts"];
const CONFIG = {
  enumsAsTypes: true,
  useTypeImports: true,
  importExtension: ".js",
  // A scalar that has no type here stops the generation.
  strictScalars: true,
  scalars: { BigInt: "number", Date: "string", DateTime: "string", Decimal: "string", JSON: "unknown" },
};

const read = (file) => readFileSync(file, "utf8");
const schema = parse(read("../schema/schema.graphql"), { noLocation: true });
const schemaAst = buildASTSchema(schema);
const documents = readdirSync("operations", { recursive: true })
  .filter((name) => name.endsWith(".graphql"))
  .sort()
  .map((name) => {
    const location = join("operations", name);
    return { location, document: parse(new Source(read(location), location)), rawSDL: read(location) };
  });
const common = { schema, schemaAst, documents, config: CONFIG, pluginContext: {} };

const outputs = await preset.buildGeneratesSection({
  ...common,
  baseOutputDir: FOLDER,
  presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
  plugins: [],
  pluginMap: {},
});
outputs.push({
  ...common,
  filename: join(FOLDER, "possibleTypes.ts"),
  plugins: [{ "fragment-matcher": {} }],
  pluginMap: { "fragment-matcher": fragmentMatcher },
});

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const output of outputs.filter(({ filename }) => !UNUSED.includes(basename(filename)))) {
  writeFileSync(join(FOLDER, basename(output.filename)), await codegen(output));
}
