import { Languages } from "./Languages.jsx";
import { texts } from "./texts.js";

/** Whom the page acts for, above GraphiQL. */
export function Bar({ account, onGrant, onLeave }) {
  return (
    <header className="bar">
      <a className="brand" href="./">
        {texts.title}
      </a>
      <label>
        <span>{texts.grant}</span>
        <select value={account.grant} onChange={({ target }) => onGrant(target.value)}>
          {account.grants.map(({ id, role, place }) => (
            <option key={id} value={id}>
              {`${texts.roles[role]} · ${place?.name ?? "—"}`}
            </option>
          ))}
        </select>
      </label>
      <span className="who">{account.username}</span>
      <Languages />
      <button type="button" onClick={onLeave}>
        {texts.logOut}
      </button>
    </header>
  );
}
