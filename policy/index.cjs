// The pack's entry: tsx strips types, whatever loads the pack; `npm run lint` has checked them.
require("tsx/cjs");
require("./index.ts");
