// A presentation with its holder's word (RFC 9901, 4.3): that whoever shows a document holds the key to which it is bound, said to one who
// asked, once.

import { encodeUtf8, formatBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { formatJson } from '../json.ts'
import type { Signer } from '../tx/signer.ts'
import { algorithmName, formatSigningInput } from './jws.ts'

/**
 * `document`: a document's text that ends in `~`, with the fields that are shown. `audience` and `nonce` are the asker's own;
 * `issuedAt` is in seconds since 1970. Throws VerifyError `malformed` for a text that has a binding already.
 */
export async function bindPresentation(
  document: string,
  given: {
    readonly signer: Signer
    readonly audience: string
    readonly nonce: string
    readonly issuedAt: number
    readonly hasher: Hasher
  },
): Promise<string> {
  const { signer, audience, nonce, issuedAt, hasher } = given
  check(document.endsWith('~'), 'malformed', 'a document with a binding, or none at all')
  const hash = formatBase64Url(hasher.sha256(encodeUtf8(document)))
  const header = formatJson({ alg: algorithmName(signer.key), typ: 'kb+jwt' })
  const input = formatSigningInput(header, formatJson({ aud: audience, iat: issuedAt, nonce, sd_hash: hash }))
  const signature = await signer.sign(encodeUtf8(input))
  return `${document}${input}.${formatBase64Url(signature)}`
}
