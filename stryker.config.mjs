/**
 * Mutation testing of what decides: the rules, and the plan they share their maths with. `npm run mutation` runs all of it;
 * `npm run mutation -- --mutate 'policy/rules/quorum/*.ts'` a part.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  mutate: ["policy/rules/**/*.ts", "policy/facts/**/*.ts", "components/plan/**/*.ts"],
  testRunner: "jest",
  jest: {
    projectType: "custom",
    // One project: Stryker does not see into several. Without tests that start processes, make whole stacks or read files.
    config: {
      testEnvironment: "node",
      transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022" } }] },
      testMatch: ["<rootDir>/test/policy/**/*.test.ts", "<rootDir>/test/unit/plan/**/*.test.ts"],
      testPathIgnorePatterns: ["test/policy/(check|docs|pack|ownStack|performance)"],
    },
  },
  coverageAnalysis: "perTest",
  // Constants, such as a rule's description, are made once when a module is loaded: no test can be told to kill them.
  ignoreStatic: true,
  // A loaded machine is no survived mutant, and no killed one either.
  dryRunTimeoutMinutes: 30,
  timeoutMS: 60_000,
  concurrency: 1,
  incremental: true,
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
  plugins: ["@stryker-mutator/jest-runner"],
};
