import { always, type Message, message } from '../protobuf.ts'
import { type Commit, commit } from './commit.ts'
import { type Header, header } from './header.ts'
import { type ValidatorSet, validatorSet } from './validator-set.ts'

/** Header, the commit that signs it, and the validator set of its height. */
export type LightBlock = {
  readonly header: Header
  readonly commit: Commit
  readonly validatorSet: ValidatorSet
  /** Signatures were left out by who sent it (short-commit.ts). What says nothing may be short as well; no encoding carries it. */
  readonly shortened?: true
}

export type SignedHeader = { readonly header: Header; readonly commit: Commit }

export const signedHeader: Message<SignedHeader> = message({ header: always(1, header), commit: always(2, commit) })

type LightBlockFields = { readonly signedHeader: SignedHeader; readonly validatorSet: ValidatorSet }

const lightBlockFields: Message<LightBlockFields> = message({
  signedHeader: always(1, signedHeader),
  validatorSet: always(2, validatorSet),
})

/** tendermint.types.LightBlock. What was decoded shares its bytes with the input. */
export const lightBlock: Message<LightBlock> = {
  encode: block =>
    lightBlockFields.encode({
      signedHeader: { header: block.header, commit: block.commit },
      validatorSet: block.validatorSet,
    }),
  decode(encoded) {
    const fields = lightBlockFields.decode(encoded)
    return { ...fields.signedHeader, validatorSet: fields.validatorSet }
  },
}
