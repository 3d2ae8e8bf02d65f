// What a stranger's script is given: a true answer, one with a byte changed, and signatures for a worker.

import { encodeUtf8, formatNetwork, formatTrustRoot, type SignedMessage } from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'
import { encodeBundle } from '../../sdk/src/record/bundle.ts'
import { makeFixture } from '../mutation/fixture.ts'

/** The place of the bad one among the signatures. */
export const badSignature = 7

/** JSON for the scripts of `stranger/`; bytes are base64, the time is in seconds. */
export async function fixtureForStrangers(): Promise<object> {
  const { bundle, root, network, now } = await makeFixture()
  const bytes = encodeBundle(bundle)
  const spoiled = Uint8Array.from(bytes)
  // In the midst of the light blocks.
  const place = spoiled.length >> 1
  spoiled[place] = spoiled[place]! ^ 1
  return {
    bundle: base64(bytes),
    spoiled: base64(spoiled),
    root: formatTrustRoot(root),
    network: formatNetwork(network),
    now: Number(now.seconds),
    signatures: signatures().map(({ publicKey, message, signature }) => ({
      publicKey: base64(publicKey),
      message: base64(message),
      signature: base64(signature),
    })),
  }
}

function signatures(): readonly SignedMessage[] {
  const secret = new Uint8Array(32).fill(9)
  const publicKey = ed25519.getPublicKey(secret)
  return Array.from({ length: 40 }, (_, index) => {
    const message = encodeUtf8(`message ${index}`)
    const signed = index === badSignature ? encodeUtf8('another') : message
    return { publicKey, message, signature: ed25519.sign(signed, secret) }
  })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
