// The one map of linear memory. What stands here is static and zero at the start, so it costs no bytes in the module and no
// memory until it is touched. Behind it, from `__heap_base`, the tables of keys grow (keys.ts).

import { elementBytes, laneBytes } from './field'

// Points (point.ts) of two lanes, of one, and affine ones.
export const pairPointBytes: usize = 4 * elementBytes
export const lanePointBytes: usize = 4 * laneBytes
export const nielsBytes: usize = (3 * laneBytes + 31) & ~31

/** The most signatures that are held between `push` and `check`. */
export const signaturesMax: u32 = 16384

/** What the host writes: signatures to check, or a part of a long message. */
export const inputBytes: u32 = 262144
export const input: usize = memory.data(262144, 16)

/** What the host reads: 1 for each good signature, 0 for each bad one. */
export const output: usize = memory.data(16384, 16)

/** What the host fills with random bytes before `check`: 16 for each signature, and some to read beyond the last. */
export const randomBytes: u32 = 16
export const random: usize = memory.data(262160, 16)
/** Four odd random words for keys.ts, which the host writes once. */
export const seed: usize = memory.data(32, 16)

/** For each signature: R | S as sent, and the 64 bytes of SHA-512(R | A | M). */
export const signatureBytes: usize = 128
export const signatures: usize = memory.data(2097152, 64)
/** The key's slot of each signature (keys.ts). */
export const slots: usize = memory.data(65536, 16)
/** R of each signature as an affine Niels point (point.ts), and as a point of one lane; behind these one that nobody reads. */
export const commitments: usize = memory.data(16384 * nielsBytes, 64)
export const commitmentPoints: usize = memory.data(16385 * lanePointBytes, 64)
/** The signatures still to be judged, by index, and the slots of their keys, each once. */
export const pending: usize = memory.data(65536, 16)
export const batchKeys: usize = memory.data(65536 + 8, 16)
/** Encodings to decode, where their Niels points go, and which of them encode none. */
export const sources: usize = memory.data(65536 + 16, 16)
export const targets: usize = memory.data(65536 + 16, 16)
export const failed: usize = memory.data(16384 + 16, 16)

/** The index of keys: slots by the hash of the key (keys.ts). */
export const keyIndexEntries: u32 = 65536
export const keyIndex: usize = memory.data(262144, 16)

/** Values inside one point operation, one decoding. */
export const pointTemporary: usize = memory.data(10 * elementBytes, 16)
export const decodeTemporary: usize = memory.data(24 * elementBytes, 16)

/** Up to 128 points of two lanes that are made affine with one inversion, their products, and where each lane goes. */
export const tablePointsMax: u32 = 128
export const tablePoints: usize = memory.data(128 * pairPointBytes, 16)
export const tableProducts: usize = memory.data(129 * elementBytes, 16)
export const tableTargets: usize = memory.data(1032, 16)

/** Points that live through a loop: accumulators and the like. */
export const points: usize = memory.data(8 * pairPointBytes, 16)
/** Bucket b of both lanes' windows, 0 to 2^10. */
export const buckets: usize = memory.data(2 * 1025 * lanePointBytes, 64)
/** Points of one lane, as many as are checked with combs at once. */
export const combResultsMax: u32 = 64
export const combResults: usize = memory.data(65 * lanePointBytes, 16)

/** Multiples of the base point: a comb, and odd ones. */
export const baseComb: usize = memory.data(32 * 128 * nielsBytes, 64)
export const baseSlot: usize = memory.data(1024, 64)
export const baseTable: usize = memory.data(32 * nielsBytes, 64)

/** SHA-512: the chaining value, and the last blocks with their padding. */
export const chaining: usize = memory.data(64, 16)
export const block: usize = memory.data(128, 16)
/** Limbs of a scalar under way, 21 bits each, and of the factors of a product. */
export const scalarLimbs: usize = memory.data(272, 16)
export const leftLimbs: usize = memory.data(64, 16)
export const rightLimbs: usize = memory.data(208, 16)
export const offsetLimbs: usize = memory.data(256, 16)
/** Scalars of 32 bytes and 8 to read beyond, and their digits. */
export const scalars: usize = memory.data(320, 16)
export const digits: usize = memory.data(1024, 16)
/** Words of the two rows of a lattice (halve.ts). */
export const latticeRows: usize = memory.data(256, 16)
