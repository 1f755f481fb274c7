// The pack's entry, by package.json, which is all that the SDK's runner reads. It would have ts-node check all types at every start; `npm run lint` has
// checked them, and tsx only strips them.
require("tsx/cjs");
require("./index.ts");
