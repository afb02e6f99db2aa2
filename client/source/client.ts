import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import { LogInDocument, RefreshSessionDocument } from "./generated/graphql.js";

export interface Options {
  /** An access token or a service account's key; or else log in. */
  token?: string;
  /** The id of the grant to act under; none: the account's first. */
  grant?: string;
  /** The program that asks, as `roster/1.2`: so operators know who still asks for what is deprecated. */
  program?: string;
  /** The language of messages. */
  language?: "en" | "zh";
  /** Send the id of a document, not its text: `zhanwang documents add` must know it. */
  trusted?: boolean;
}

export interface Fault {
  message: string;
  path?: (number | string)[];
  extensions: { code: string; requestId: string; [name: string]: unknown };
}

/** The server refused an operation, or a part of it. */
export class Refused extends Error {
  override name = "Refused";

  constructor(
    /** What was refused and why; `extensions.code` never changes. */
    readonly errors: readonly Fault[],
    /** What was answered all the same. */
    readonly data: unknown,
    /** Seconds until another try makes sense, if the server says so. */
    readonly retryAfter: number | undefined,
  ) {
    super(errors.map((error) => `${error.extensions.code}: ${error.message}`).join("\n"));
  }

  has(code: string): boolean {
    return this.errors.some((error) => error.extensions.code === code);
  }
}

interface Session {
  accessToken: string | null;
  refreshToken: string | null;
  errors: { code: string; message: string }[];
}

/** A session with a server; it renews its access token by itself. */
export class Zhanwang {
  #token: string | undefined;
  #refreshToken: string | undefined;
  #renewal: Promise<void> | undefined;

  /** url: of the endpoint, as `http://127.0.0.1:8000/graphql`. */
  constructor(
    readonly url: string,
    readonly options: Options = {},
  ) {
    this.#token = options.token;
  }

  async logIn(username: string, password: string): Promise<void> {
    this.#keep((await this.#send(LogInDocument, { username, password })).logIn);
  }

  /** The answer to an operation. Throws Refused. */
  async ask<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    ...[variables]: Record<string, never> extends Variables ? [variables?: Variables] : [variables: Variables]
  ): Promise<Data> {
    const token = this.#token;
    try {
      return await this.#send(document, variables);
    } catch (error) {
      if (!(error instanceof Refused && error.has("UNAUTHENTICATED") && this.#refreshToken)) throw error;
    }
    // Several operations can find that the token has ended; it is renewed once.
    if (this.#token === token) this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    await this.#renewal;
    return this.#send(document, variables);
  }

  async #renew(): Promise<void> {
    const refreshToken = this.#refreshToken ?? "";
    this.#token = undefined;
    this.#keep((await this.#send(RefreshSessionDocument, { refreshToken })).refreshSession);
  }

  #keep(session: Session | null): void {
    this.#refreshToken = session?.refreshToken ?? undefined;
    if (!session?.accessToken) {
      const errors = session?.errors ?? [];
      const faults = errors.map(({ code, message }) => ({ message, extensions: { code, requestId: "" } }));
      throw new Refused(faults, session, undefined);
    }
    this.#token = session.accessToken;
  }

  async #send<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables?: Variables): Promise<Data> {
    const { token, grant, program, language, trusted } = { ...this.options, token: this.#token };
    const headers = new Headers({ "content-type": "application/json", accept: "application/graphql-response+json" });
    if (token) headers.set("authorization", `Bearer ${token}`);
    if (grant) headers.set("x-zhanwang-grant", grant);
    if (program) headers.set("x-zhanwang-client", program);
    if (language) headers.set("accept-language", language);
    const asked = trusted ? { documentId: idOf(document) } : { query: print(document) };
    const body = JSON.stringify({ ...asked, variables });
    const response = await fetch(this.url, { method: "POST", headers, body });
    const answer = (await response.json()) as { data?: Data; errors?: Fault[] };
    if (answer.errors || !answer.data) {
      const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
      throw new Refused(answer.errors ?? [], answer.data, Number.isNaN(retryAfter) ? undefined : retryAfter);
    }
    return answer.data;
  }
}

/** The id of a generated document, as it is in `generated/persisted-documents.json`. */
export function idOf(document: TypedDocumentNode<unknown, never> | object): string {
  const { __meta__: meta } = document as { __meta__?: { hash?: string } };
  if (!meta?.hash) throw new TypeError("this document was not generated");
  return meta.hash;
}
