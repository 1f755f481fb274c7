/** `npm run addons`: what the package of add-ons is compiled and linted against; changes nothing but addons/node_modules. */
import { ensureAddonsModules } from "./addonsPackage";

ensureAddonsModules().catch((error: unknown) => {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
