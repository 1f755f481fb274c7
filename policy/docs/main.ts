import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderPolicies } from "./render";

writeFileSync(join(__dirname, "..", "..", "docs", "policies.md"), renderPolicies());
