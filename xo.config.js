/** xo as it comes, less a few rules of layout, and of taste where ours is said in CONTRIBUTING.md. */
export default [
	// bin/ is in old syntax on purpose: it has to run, and to be kind, on any Node.
	{ignores: ['dist/**', 'bin/**']},
	{
		rules: {
			'@stylistic/function-paren-newline': 'off',
			'@stylistic/array-element-newline': 'off',
			'@stylistic/curly-newline': 'off',
			'@stylistic/multiline-ternary': 'off',
			'@typescript-eslint/dot-notation': 'off',
			'max-params': ['error', {max: 7}],
			'unicorn/no-unreadable-array-destructuring': 'off',
			'@stylistic/max-len': 'off',
			'@typescript-eslint/consistent-type-assertions': 'off',
			'@typescript-eslint/no-confusing-void-expression': 'off',
			'n/prefer-global/buffer': 'off',
			'unicorn/no-await-expression-member': 'off',
			'@stylistic/object-curly-newline': 'off',
			'@stylistic/operator-linebreak': 'off',
			'@typescript-eslint/member-ordering': 'off',
			'@typescript-eslint/naming-convention': 'off',
			'@typescript-eslint/no-unsafe-type-assertion': 'off',
			// Absence is part of a resource's state, and has to live through JSON: `null`.
			'@typescript-eslint/no-restricted-types': 'off',
			'unicorn/no-null': 'off',
			'unicorn/no-nested-ternary': 'off',
			// It does not see that a closure changes the variable.
			'no-unmodified-loop-condition': 'off',
			'@typescript-eslint/no-loop-func': 'off',
			// States leave out what they do not say; JSON drops it, structuredClone would not.
			'unicorn/prefer-structured-clone': 'off',
			'ava/assertion-arguments': 'off',
			'@typescript-eslint/prefer-nullish-coalescing': 'off',
			'@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
			'unicorn/prefer-top-level-await': 'off',
			'capitalized-comments': 'off',
			complexity: 'off',
			'no-await-in-loop': 'off',
			'require-unicode-regexp': 'off',
			'unicorn/no-array-reduce': 'off',
			'unicorn/better-regex': 'off',
			'unicorn/prevent-abbreviations': 'off',
			'unicorn/name-replacements': 'off',
		},
	},
];
