// Bundles GraphiQL into ../assets: everything by relative addresses, each file's name with a hash of its content.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const assets = resolve(here, "../assets");
const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  outdir: assets,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

// GraphiQL's stylesheet has the editor's in it.
const oneStylesheet = {
  name: "one-stylesheet",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/monaco-editor\/.*\.css$/ }, () => ({ contents: "", loader: "css" }));
    // The system's fonts have Chinese, too; the editor's icons are a font that nothing stands in for.
    onLoad({ filter: /node_modules\/graphiql\/dist\/style\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/@font-face\s*\{(?![^}]*codicon)[^}]*\}/g, ""),
      loader: "css",
    }));
  },
};

// What GraphiQL itself writes goes through the page's texts.
const translated = {
  name: "translated",
  setup({ onResolve }) {
    onResolve({ filter: /^react\/jsx-runtime$/ }, ({ importer }) =>
      /node_modules\/(graphiql|@graphiql)\//.test(importer) ? { path: join(here, "src/translatedJsx.js") } : undefined,
    );
  },
};

await rm(assets, { recursive: true, force: true });
await mkdir(assets, { recursive: true });

const workers = await build({
  ...common,
  format: "iife",
  entryPoints: {
    "worker-editor": "monaco-editor/esm/vs/editor/editor.worker.js",
    "worker-graphql": "monaco-graphql/esm/graphql.worker.js",
    "worker-json": "monaco-editor/esm/vs/language/json/json.worker.js",
  },
});
const addresses = Object.fromEntries(
  Object.entries(workers.metafile.outputs).map(([path, { entryPoint }]) => [entryPoint, `./${basename(path)}`]),
);
const workerOf = (end) => JSON.stringify(Object.entries(addresses).find(([entry]) => entry.endsWith(end))[1]);

const page = await build({
  ...common,
  format: "esm",
  splitting: true,
  jsx: "automatic",
  entryPoints: { graphiql: "src/main.jsx" },
  plugins: [oneStylesheet, translated],
  define: {
    "process.env.NODE_ENV": '"production"',
    WORKER_EDITOR: workerOf("/editor.worker.js"),
    WORKER_GRAPHQL: workerOf("/graphql.worker.js"),
    WORKER_JSON: workerOf("/json.worker.js"),
  },
});

const [script, { cssBundle }] = Object.entries(page.metafile.outputs).find(
  ([, output]) => output.entryPoint === "src/main.jsx",
);
for (const [path, { bytes }] of Object.entries(page.metafile.outputs)) {
  if (!bytes) await rm(join(here, path));
}
const manifest = { script: basename(script), style: basename(cssBundle), sources: await digest() };
await writeFile(join(assets, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await writeFile(join(assets, "LICENSES.txt"), await licences());

// The licences of all packages that something was bundled from.
async function licences() {
  const packages = new Set();
  for (const { metafile } of [workers, page]) {
    for (const input of Object.keys(metafile.inputs)) {
      const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)?.at(-1);
      if (found) packages.add(found.slice("node_modules/".length, -1));
    }
  }
  const parts = ["What the files of this folder were bundled from. `make pages` writes it.\n"];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const files = (await readdir(folder)).filter((one) => /^(licen[cs]e|notice|third-?party-?notices?)(\.|$)/i.test(one));
    const texts = await Promise.all(files.sort().map((one) => readFile(join(folder, one), "utf8")));
    const text = texts.join("\n").replace(/\r/g, "").trim() || "Its package has no text of its licence.";
    parts.push(`${"=".repeat(78)}\n${name} ${version} (${license})\n\n${text}\n`);
  }
  return parts.join("\n").replace(/[ \t]+$/gm, "");
}

// By this a test finds out that these files were not made of the sources beside them.
async function digest() {
  const sum = createHash("sha256");
  const sources = (await readdir(join(here, "src"))).sort().map((name) => join("src", name));
  for (const path of ["build.mjs", "package-lock.json", ...sources]) sum.update(await readFile(join(here, path)));
  return sum.digest("hex");
}
