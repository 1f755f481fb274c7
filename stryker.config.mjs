/**
 * Mutation testing of what decides: the rules, and the plan they share their maths with. `npm run mutation` runs all of it;
 * `npm run mutation -- --mutate 'policy/rules/quorum/*.ts'` a part.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  mutate: ["policy/rules/**/*.ts", "policy/facts/**/*.ts", "components/plan/**/*.ts"],
  testRunner: "mocha",
  mochaOptions: {
    config: "test/mutation/.mocharc.json",
    "no-package": true,
  },
  coverageAnalysis: "perTest",
  // Constants, such as a rule's description, are made once when a module is loaded: no test can be told to kill them.
  ignoreStatic: true,
  reporters: ["clear-text", "progress"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  ignorePatterns: [
    "lab",
    "toolchain",
    "bench",
    "docs",
    "sdks",
    "examples",
    "test/e2e",
    "test/engine",
    "test/cloud",
  ],
  plugins: ["@stryker-mutator/mocha-runner"],
};
