import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  documents: "operations/**/*.graphql",
  importExtension: ".js",
  generates: {
    "source/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        // A scalar that has no type here stops the generation.
        strictScalars: true,
        scalars: { BigInt: "number", Date: "string", DateTime: "string", Decimal: "string", JSON: "unknown" },
      },
    },
    "source/generated/possibleTypes.ts": { plugins: ["fragment-matcher"] },
  },
};

export default config;
