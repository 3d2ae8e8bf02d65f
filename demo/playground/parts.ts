// What a proof's bytes are, so that whoever flips one knows what he broke. A proof is one protobuf message.

export type Part = { readonly name: string; readonly start: number; readonly end: number }

/** By the fields of the bundle (docs/protocol, proof bundles). */
const names: Readonly<Record<number, string>> = {
  1: 'format',
  2: 'name of the network',
  3: 'document',
  4: 'block',
  5: 'state and its proofs',
  6: 'witnesses’ signatures',
}

/** The message's fields in their order. Of bytes that are no message: all of it, in one part. */
export function partsOf(bytes: Uint8Array): readonly Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at
    const field = bytes[at]! >> 3
    let length = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[++at] ?? 0
      length += (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    at += 1 + length
    if (names[field] === undefined || at > bytes.length) return [{ name: 'proof', start: 0, end: bytes.length }]
    parts.push({ name: names[field], start, end: at })
  }
  return parts
}

/** Which part a byte belongs to, with its number where there are several of the name. */
export function titleOf(part: Part, parts: readonly Part[]): string {
  const alike = parts.filter(({ name }) => name === part.name)
  return alike.length === 1 ? part.name : `${part.name} ${alike.indexOf(part) + 1}`
}
