// The module `ed25519`: signatures by ZIP-215. What is exported here is the ABI; the host writes to `input`, at most
// `inputBytes` at a time, and reads from `output`, at most `outputBytes`.

import { challengeBegin, challengeVerify, prepare } from './ed25519'
import { input, output } from './memory'
import { update } from './sha512'

export { input, inputBytes, output, outputBytes } from './memory'

/** A signature in `input`: the key (32 bytes), R | S (64), the message's length (u32, little-endian), the message. */
const signatureOffset: usize = 32
const lengthOffset: usize = 96
const messageOffset: usize = 100

prepare()

/** The bulk entry: checks `count` signatures that stand one after another, and writes 1 or 0 for each to `output`. */
export function verify(count: u32): void {
  let item = input
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(item, lengthOffset)
    challengeBegin(item, item + signatureOffset)
    update(item + messageOffset, length)
    store<u8>(output + i, challengeVerify(item, item + signatureOffset) ? 1 : 0)
    item += messageOffset + length
  }
}

/** For a message longer than `input`: the key and R | S stand in `input`. */
export function verifyBegin(): void {
  challengeBegin(input, input + signatureOffset)
}

/** Adds the first `length` bytes of `input` to the message. */
export function verifyUpdate(length: u32): void {
  update(input, length)
}

/** The key and R | S stand in `input` again; writes 1 or 0 to `output`. */
export function verifyEnd(): void {
  store<u8>(output, challengeVerify(input, input + signatureOffset) ? 1 : 0)
}
