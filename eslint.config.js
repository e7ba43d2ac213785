import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/node_modules/", "**/dist/", "build/", "coverage/", "**/generated/", "src/core-binary.ts"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.js"],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(
        [
          "Buffer",
          "URL",
          "TextDecoder",
          "TextEncoder",
          "WebAssembly",
          "console",
          "performance",
          "process",
          "structuredClone",
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
  {
    files: ["src/**/*.ts", "gateway/**/*.ts", "examples/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "vitest.config.ts"],
    extends: [js.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ["error", "always"],
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    // AssemblyScript reads like TypeScript but is not: asc is its type checker, and decorators stand on functions.
    files: ["assembly/**/*.ts"],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { allowInvalidAST: true } },
    rules: {
      "prefer-const": "error",
      "no-loss-of-precision": "off",
      "@typescript-eslint/ban-ts-comment": "off",
      "@typescript-eslint/no-loss-of-precision": "off",
    },
  },
);
