/** Enough signatures for a worker, one of them bad; answers the places of the bad ones. */
export function verifyMany(fixture, crypto) {
  const items = fixture.signatures.map(({ publicKey, message, signature }) => ({
    publicKey: bytesOf(publicKey),
    message: bytesOf(message),
    signature: bytesOf(signature),
  }))
  // A few are checked in the thread itself, so the first, a good one, comes often.
  const many = [...items, ...Array.from({ length: 300 }, () => items[0])]
  return crypto.verifyEd25519(many)
}

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
}
