// The plugin's entry, by package.json. The SDK's runner would have ts-node check all types of all components at every start; `npm run lint` has
// checked them, and tsx only strips them. The schema is read from index.ts.
require("tsx/cjs");
module.exports = require("./index.ts");
