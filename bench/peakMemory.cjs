// Required by every Node.js process of a measured run (NODE_OPTIONS): the one that runs the program notes the most memory it ever had, in KiB.
const { appendFileSync } = require("node:fs");

const file = process.env["PEAK_MEMORY_FILE"];
if (file !== undefined && /[\\/]cmd[\\/]run(-policy-pack)?([\\/]|$)/.test(process.argv[1] ?? ""))
  process.on("exit", () => {
    const what = process.argv[1].includes("run-policy-pack") ? "pack" : "program";
    appendFileSync(file, `${what} ${process.resourceUsage().maxRSS}\n`);
  });
