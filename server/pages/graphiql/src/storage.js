// Where GraphiQL keeps tabs and history: in this tab of the browser, apart for each account, and gone with the log-out.
const prefixOf = (username) => `zhanwang:${username}:`;
const keysOf = (prefix) => Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));

/** The storage of an account, as GraphiQL wants it. */
export function storageOf(username) {
  const prefix = prefixOf(username);
  return {
    getItem: (key) => sessionStorage.getItem(prefix + key),
    setItem: (key, value) => sessionStorage.setItem(prefix + key, value),
    removeItem: (key) => sessionStorage.removeItem(prefix + key),
    clear: () => forget(username),
    get length() {
      return keysOf(prefix).length;
    },
  };
}

/** Removes all that is kept for an account. */
export function forget(username) {
  for (const key of keysOf(prefixOf(username))) sessionStorage.removeItem(key);
}
