// Who else signs, as the page names them. Loaded when it does.

import { formatHex, limits, parseHex } from '@muniment/sdk'
import { SignError } from './error.ts'
import type { SignRequest } from './flow.ts'

/** The other signers' accounts: each another person's, and each once. `own`: undefined where it is not known who will sign. */
export function otherSigners({ others = [] }: SignRequest, own: Uint8Array | undefined): readonly Uint8Array[] {
  const ownText = own && formatHex(own)
  const texts = others.map(text => text.trim().toLowerCase())
  for (const text of texts) {
    if (!/^[0-9a-f]{64}$/.test(text)) throw new SignError('signer-unknown', 'not the id of an account')
    if (text === ownText) throw new SignError('signer-self', 'the other signer is oneself')
  }
  if (new Set(texts).size < texts.length || texts.length >= limits.signersMax)
    throw new SignError('signer-unknown', 'an account stands twice, or there are too many')
  return texts.map(parseHex)
}
