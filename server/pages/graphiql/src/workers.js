// The editor's workers, from beside this script.
const addresses = { graphql: WORKER_GRAPHQL, json: WORKER_JSON };

globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(new URL(addresses[label] ?? WORKER_EDITOR, import.meta.url)),
};
