import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  // Who has a tsconfig of its own knows the package only where it is installed: tsc checks it here, test/package or test/addons there.
  {
    ignores: [
      "**/node_modules",
      "sdks",
      "**/dist",
      "coverage",
      "toolchain/go",
      "examples/own-stack",
      "examples/addons",
      "plugin",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // An Output in a template literal is the classic Pulumi bug: this rule catches it. Numbers are fine.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // Deadlines are `while (true)` loops that end by return or throw.
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    // new Component(...) is done for its effect in a Pulumi program.
    files: [
      "index.ts",
      "components/**/*.ts",
      "policy/**/*.ts",
      "addons/*.ts",
      "examples/addons/*.ts",
    ],
    rules: { "no-new": "off" },
  },
  {
    files: ["**/*.{js,cjs,mjs}"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: {
        process: "readonly",
        console: "readonly",
        __dirname: "readonly",
        module: "writable",
        exports: "writable",
        require: "readonly",
        URL: "readonly",
      },
    },
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      "@typescript-eslint/no-require-imports": "off",
    },
  },
);
