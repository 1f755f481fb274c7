// Has Node.js run this checkout's TypeScript: `node --require ./typescript.cjs`, as Pulumi.yaml and the policy pack do. tsx strips the types. What is
// installed is JavaScript that Node.js loads by itself; tsx would read each of its files for ES modules first, which is half of the time that a program
// with Pulumi's SDK takes to start.
const Module = require("node:module");
const { join, sep } = require("node:path");

const installed = join(sep, "node_modules", sep);
const loadJavaScript = Module._extensions[".js"];
require("tsx/cjs");
const loadTypeScript = Module._extensions[".js"];
Module._extensions[".js"] = (module, file) =>
  (file.includes(installed) ? loadJavaScript : loadTypeScript)(module, file);
