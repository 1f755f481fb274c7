// One transform for all; the projects differ in what they need of the machine.
// ESM-only dependencies are transpiled too, since jest cannot require() them.
const common = {
  transform: { "^.+\\.(t|j|m)sx?$": ["@swc/jest", { jsc: { target: "es2022" } }] },
  transformIgnorePatterns: ["/node_modules/(?!(hono|@hono|undici)/)"],
  testEnvironment: "node",
  // Mutation tests may be running beside: their copies of the checkout have the same package names.
  modulePathIgnorePatterns: ["<rootDir>/.stryker-tmp"],
};
const project = (displayName, testMatch, extra = {}) => ({
  ...common,
  displayName,
  testMatch: testMatch.map((path) => `<rootDir>/test/${path}/**/*.test.ts`),
  ...extra,
});

// A checkout without the toolchain has no SDK of the provider; mocks need none.
const standIns = "<rootDir>/test/unit/components/support";
const standInSdk = {
  "^@pulumi/tencentcloud$": `${standIns}/tencentcloud`,
  "^@pulumi/tencentcloud/package.json$": `${standIns}/tencentcloudPackage`,
};

/** @type {import("jest").Config} */
module.exports = {
  // Parts run beside one another: a machine that has much else to do is no fault of the test's. A project of its own cannot say this.
  testTimeout: 120_000,
  projects: [
    project("unit", ["unit"], {
      moduleNameMapper: {
        ...standInSdk,
        // The package of add-ons has an SDK of its own beside it, which no mocks would be set for.
        "^@pulumi/pulumi($|/.*)": "<rootDir>/node_modules/@pulumi/pulumi$1",
      },
    }),
    project("policy", ["policy"], { moduleNameMapper: standInSdk }),
    project("scripts", ["scripts"]),
    project("cloud", ["cloud"]),
    project("mirror", ["mirror"]),
    project("machine", ["machine"]),
    project("hosts", ["hosts"]),
    project("engine", ["engine"]),
    project("package", ["package"]),
    project("page", ["page"]),
    project("e2e", ["e2e"]),
    // Not in `npm test`.
    project("day2", ["day2"]),
    project("addons", ["addons"]),
    project("kinds", ["kinds"]),
    project("offline", ["offline"]),
    project("hardening", ["hardening"]),
    project("registry", ["registry"]),
    project("harbor", ["harbor"]),
    project("netpol", ["netpol"]),
    project("monitoring", ["monitoring"]),
    project("contract", ["contract"]),
  ],
};
