// A provider in a process of its own: node provider.mjs CLIENT_ID REDIRECT_URI. It writes its URL when it listens.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [clientId, redirectUri] = process.argv.slice(2);
const server = createServer((request, response) => handle(request, response));
let handle;
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "none",
      },
    ],
    // Its own pages take any name and password.
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ["of these tests"] },
  });
  handle = provider.callback();
  process.stdout.write(`${issuer}\n`);
});
