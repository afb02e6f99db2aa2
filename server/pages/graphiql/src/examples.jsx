import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";

import { texts } from "./texts.js";

/** How many of the examples are open at the start. */
export const OPENED = 4;

function Icon() {
  return (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
      <path d="M5 3h8M5 8h8M5 13h8M2 3h.01M2 8h.01M2 13h.01" strokeLinecap="round" />
    </svg>
  );
}

/** GraphiQL's pane with a list of examples. */
export function examplesPlugin(examples) {
  function Examples() {
    const { addTab } = useGraphiQLActions();
    const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({
      queryEditor,
      variableEditor,
    }));
    const open = ({ query, variables }) => {
      addTab();
      queryEditor.setValue(query);
      variableEditor.setValue(variables);
    };
    return (
      <section className="examples" aria-label={texts.examples}>
        <h2>{texts.examples}</h2>
        <p>{texts.examplesLead}</p>
        <ul>
          {examples.map((example) => (
            <li key={example.name}>
              <button type="button" onClick={() => open(example)}>
                {example.title}
              </button>
            </li>
          ))}
        </ul>
      </section>
    );
  }
  return { title: texts.examples, icon: Icon, content: Examples };
}
