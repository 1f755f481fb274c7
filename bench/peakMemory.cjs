// Required by every Node.js process of a measured run (NODE_OPTIONS): the one that runs the program notes the most memory it ever had, in KiB.
const { appendFileSync } = require("node:fs");

const file = process.env["PEAK_MEMORY_FILE"];
if (file !== undefined && /[\\/]cmd[\\/]run([\\/]|$)/.test(process.argv[1] ?? ""))
  process.on("exit", () => appendFileSync(file, `${process.resourceUsage().maxRSS}\n`));
