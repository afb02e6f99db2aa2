// What GraphiQL writes into its elements, in the page's language. GraphiQL's own packages alone are bundled with this.
import * as runtime from "react/jsx-runtime";

import { translate } from "./graphiqlTexts.js";

export const Fragment = runtime.Fragment;

// Of a component, a title may be a key that it looks something up by.
const OF_ELEMENTS = ["children", "title", "placeholder", "aria-label"];
const OF_COMPONENTS = ["children", "label"];

function translatedProps(type, props) {
  const changed = { ...props };
  for (const name of typeof type === "string" ? OF_ELEMENTS : OF_COMPONENTS) {
    const value = changed[name];
    if (typeof value === "string") changed[name] = translate(value);
    else if (Array.isArray(value)) changed[name] = value.map((one) => (typeof one === "string" ? translate(one) : one));
  }
  return changed;
}

export const jsx = (type, props, key) => runtime.jsx(type, translatedProps(type, props), key);
export const jsxs = (type, props, key) => runtime.jsxs(type, translatedProps(type, props), key);
