// The document that a request to sign asks for. It follows from the request and the account alone, signature included, so that the page
// that asked can make it too, and needs nothing but the ledger to know what was signed, and by whom.

import { ed25519 } from '@noble/curves/ed25519.js'
import type { Hasher } from '../crypto/crypto.ts'
import { type AccountKey, Algorithm } from '../ledger/entries.ts'
import { formatIssuer } from '../ledger/keys.ts'
import { requestSeeds, type SigningRequest } from '../tx/request.ts'
import { issueCredential } from './issue.ts'

/**
 * `documentKey`: whose secret is the request's own. Who else knows it can sign other documents with it, but none that the act, in which
 * the whole document's hash stands, is about.
 */
export async function requestedDocument(
  request: SigningRequest,
  given: { readonly hasher: Hasher; readonly type: string; readonly account: Uint8Array },
): Promise<{ readonly document: string; readonly documentKey: AccountKey }> {
  const { hasher, type, account } = given
  const { chainId, fields, issuedAt } = request
  const seeds = requestSeeds(hasher, request)
  const documentKey = { algorithm: Algorithm.ed25519, bytes: ed25519.getPublicKey(seeds.key) }
  const signer = { key: documentKey, sign: async (message: Uint8Array) => ed25519.sign(message, seeds.key) }
  const issuer = formatIssuer({ kind: 'account', chainId, account })
  const content = { issuer, type, issuedAt: Number(issuedAt), fields }
  return { document: await issueCredential(content, { signer, seed: seeds.salts, hasher }), documentKey }
}
