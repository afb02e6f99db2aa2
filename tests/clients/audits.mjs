import { serverAudits } from "graphql-http";
import { given, tell } from "./given.mjs";

const found = [];
for (const audit of serverAudits({ url: given.url })) {
  const { status, reason } = await audit.fn();
  found.push({ id: audit.id, name: audit.name, status, reason });
}
tell(found);
