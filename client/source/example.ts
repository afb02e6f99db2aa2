import { CommunityDocument, Refused, Zhanwang } from "zhanwang-client";

const zhanwang = new Zhanwang("http://127.0.0.1:8000/graphql", { language: "en", program: "roster/1.2" });
await zhanwang.logIn("leifeng", "zhanwang-demo");
try {
  const { community } = await zhanwang.ask(CommunityDocument, { code: "350526104205" });
  for (const grid of community?.grids?.nodes ?? []) {
    console.log(grid.name, grid.households, grid.responsiblePerson?.name);
  }
} catch (error) {
  if (!(error instanceof Refused && error.has("FORBIDDEN"))) throw error;
}
