import generated from "./generated/possibleTypes.js";

export * from "./client.js";
export * from "./generated/graphql.js";

/** The types of each interface, for a cache that must know them. */
export const { possibleTypes } = generated;
