// What GraphiQL writes into its elements, in the page's language. GraphiQL's own packages alone are bundled with this.
import * as runtime from "react/jsx-runtime";

import { translate } from "./graphiqlTexts.js";

export const Fragment = runtime.Fragment;

const NAMES = ["children", "label", "title", "placeholder", "aria-label"];

function translatedProps(props) {
  const changed = { ...props };
  for (const name of NAMES) {
    const value = changed[name];
    if (typeof value === "string") changed[name] = translate(value);
    else if (Array.isArray(value)) changed[name] = value.map((one) => (typeof one === "string" ? translate(one) : one));
  }
  return changed;
}

export const jsx = (type, props, key) => runtime.jsx(type, translatedProps(props), key);
export const jsxs = (type, props, key) => runtime.jsxs(type, translatedProps(props), key);
