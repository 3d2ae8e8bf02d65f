// The module `ed25519`: signatures by ZIP-215. What is exported here is the ABI. The host
//   writes `seed` once, and calls `start`;
//   writes signatures to `input`, at most `inputBytes` of them at a time, and calls `push`, until `signaturesMax` are held;
//   calls `choose`, fills `random` with `randomBytes` random ones for each signature that it asks for, now that the
//   signatures are fixed, and calls `check`;
//   reads from `output` 1 for each good one and 0 for each bad one, in their order.

import { prepareField } from './field'
import { forgetBeyondBound, slotOf } from './keys'
import { input, inputBytes, output, pending, signatureBytes, signatures, signaturesMax, slots } from './memory'
import { preparePoints } from './point'
import { isBelowOrder } from './scalar'
import { begin, end, sha512, update } from './sha512'
import { choosePath, verifyPending } from './verify'

export { input, inputBytes, output, random, randomBytes, seed, signaturesMax } from './memory'

/** A signature in `input`: the message's length (u32, little-endian), the key, R | S, the message. */
const keyOffset: usize = 4
const signatureOffset: usize = 36
const messageOffset: usize = 100

let held: u32 = 0

/** To be called once, after `seed` is written. */
export function start(): void {
  prepareField()
  preparePoints()
}

/** Takes `count` signatures that stand one after another in `input`; what they were taken from may be overwritten. */
export function push(count: u32): void {
  let item = input
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(item)
    // The host packs no more than that; what is beyond is not its message.
    if (length > inputBytes || item + messageOffset + length > input + inputBytes) unreachable()
    const signature = hold(item)
    // R | A | M: the key takes the place of S.
    v128.store(item, v128.load(item + keyOffset), signatureOffset + 32)
    v128.store(item, v128.load(item + keyOffset, 16), signatureOffset + 48)
    sha512(signature + 64, item + signatureOffset, 64 + length)
    item += messageOffset + length
  }
}

/** For a message longer than `input`: all but the message stands there. */
export function pushBegin(): void {
  hold(input)
  begin()
  update(input + signatureOffset, 32)
  update(input + keyOffset, 32)
}

/** Adds the first `length` bytes of `input` to the message. */
export function pushUpdate(length: u32): void {
  update(input, length)
}

export function pushEnd(): void {
  end(signatures + <usize>(held - 1) * signatureBytes + 64)
}

/** Notes key, R and S of the item; answers the record whose last 64 bytes the hash is to be written to. */
function hold(item: usize): usize {
  if (held === 0) forgetBeyondBound()
  if (held >= signaturesMax) unreachable()
  const signature = signatures + <usize>held * signatureBytes
  for (let i: usize = 0; i < 64; i += 16) v128.store(signature + i, v128.load(item + signatureOffset + i))
  store<u32>(slots + 4 * <usize>held, <u32>slotOf(item + keyOffset))
  held++
  return signature
}

/** Ends a round of pushes; answers for how many signatures, from the first, `random` is to be filled: 0 where they are few. */
export function choose(): u32 {
  let count: u32 = 0
  for (let i: u32 = 0; i < held; i++) {
    store<u8>(output + <usize>i, 0)
    if (!isBelowOrder(signatures + <usize>i * signatureBytes + 32)) continue
    store<u32>(pending + 4 * <usize>count, i)
    count++
  }
  const all = held
  held = 0
  return choosePath(count) ? all : 0
}

/** Judges what was pushed. */
export function check(): void {
  verifyPending()
}
