/**
 * Type-aware lint. A floating promise is data loss here, time is injected, files and functions stay small. Every rule named
 * here has a known-bad fixture in test/checks/.
 */

import tseslint from 'typescript-eslint';

const clockMessage = 'Take a Clock: only src/system/wall-clock.ts asks the machine for the time.';
const clockSelectors = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clockMessage },
  { selector: "CallExpression[callee.name='Date']", message: clockMessage },
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: clockMessage },
  { selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']", message: clockMessage },
  { selector: "MemberExpression[object.name='process'][property.name='hrtime']", message: clockMessage },
];
const skippedTestSelectors = [
  {
    selector:
      'CallExpression > MemberExpression.callee[object.name=/^(test|it|describe)$/][property.name=/^(skip|skipIf|only|todo|fails)$/]',
    message: 'Every test runs; one that cannot is a failure.',
  },
];

/** Everywhere, typed or not. */
const sizeAndShape = {
  eqeqeq: 'error',
  'no-empty': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-restricted-syntax': ['error', ...clockSelectors],
  complexity: ['error', { max: 12, variant: 'modified' }],
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      'coverage/',
      '.setup-*/',
      '**/assembly/',
      '**/*.generated.ts',
      'test/fixtures/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...sizeAndShape,
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreUsingDeclarations: true, ignoreRestSiblings: true, varsIgnorePattern: '^_' },
      ],
      // Spreading a string gives its code points, which is what is wanted of it here.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // A face may promise more time than one of its implementations needs.
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  { files: ['src/system/wall-clock.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Suites are functions that hold tests, as long as their tests are many.
    files: ['**/*.test.ts', 'test/suites/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': ['error', ...clockSelectors, ...skippedTestSelectors],
    },
  },
  { files: ['**/*.mjs', '**/*.js'], rules: { ...sizeAndShape, 'no-unused-vars': 'error' } },
);
