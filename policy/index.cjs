// The pack's entry, by package.json, which is all that the SDK's runner reads: the bundle in the published package, which has no sources, and the
// sources in a checkout. There the runner would have ts-node check all types at every start; `npm run lint` has checked them, and typescript.cjs only strips them.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

if (existsSync(join(__dirname, "index.ts"))) {
  require("../typescript.cjs");
  require("./index.ts");
} else {
  require("./dist/index.cjs");
}
