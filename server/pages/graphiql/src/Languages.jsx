import { language } from "./texts.js";

/** The switch to the page in the other language. */
export function Languages() {
  const [code, name] = language === "zh" ? ["en", "English"] : ["zh", "中文"];
  return (
    <a href={`?lang=${code}`} lang={code} hrefLang={code}>
      {name}
    </a>
  );
}
