/** xo as it comes, less a few rules of layout, and of taste where ours is said in CONTRIBUTING.md. */
export default [
	{ignores: ['dist/**']},
	{
		rules: {
			'@stylistic/function-paren-newline': 'off',
			'@stylistic/curly-newline': 'off',
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
