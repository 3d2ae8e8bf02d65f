import type { Commit } from './commit.ts'
import type { Header } from './header.ts'
import type { ValidatorSet } from './validator-set.ts'

/** Header, the commit that signs it, and the validator set of its height. */
export type LightBlock = { readonly header: Header; readonly commit: Commit; readonly validatorSet: ValidatorSet }
