/** Stands in for the package.json of the generated SDK: the provider's version that people get, and `test/data` describes. */
export const pulumi = { parameterization: { version: "1.83.25" } };
