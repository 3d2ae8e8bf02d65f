// The one map of linear memory. Each block is static and zero at the start, so it costs no bytes in the module; nothing
// is allocated later and the memory never grows: the host feeds long input through `input`, a chunk at a time.

/** What the host writes: bytes to hash, leaves, or signatures to check. */
export const inputBytes: u32 = 262144
export const input: usize = memory.data(262144, 16)

/** What the host reads: a digest, or one byte a signature. */
export const outputBytes: u32 = 4096
export const output: usize = memory.data(4096, 16)

/** A running hash: chaining value, the block being filled, its schedule. SHA-512's sizes; SHA-256 uses a part of each. */
export const chaining: usize = memory.data(64, 16)
export const block: usize = memory.data(128, 16)
export const schedule: usize = memory.data(640, 16)

/** RFC 6962: one digest for each perfect subtree of what was pushed so far, the widest first; 2^32 leaves need 33. */
export const subtrees: usize = memory.data(1056, 16)
/** The bytes of an inner node: 01, left, right. */
export const innerNode: usize = memory.data(65, 16)

// Ed25519. A field element takes 40 bytes (field.ts), a point four of them (point.ts).

/** Products of two field elements before the carry: ten i64. */
export const columns: usize = memory.data(80, 16)
/** Values inside the field's own routines. */
export const fieldTemporary: usize = memory.data(400, 16)
/** Values inside one point operation. */
export const pointTemporary: usize = memory.data(320, 16)
/** Constants that start() computes: d, 2d, the square root of -1. */
export const curveConstants: usize = memory.data(120, 16)
/** B, 3B, ... 127B, and for one key -A, -3A, ... -15A. */
export const baseTable: usize = memory.data(10240, 16)
export const keyTable: usize = memory.data(1280, 16)
/** The points of one verification: A, R, the sum and its completed form. */
export const points: usize = memory.data(800, 16)
/** The signed digits of S and of k, 256 each, and a scalar's limbs. */
export const baseDigits: usize = memory.data(256, 16)
export const keyDigits: usize = memory.data(256, 16)
export const scalarLimbs: usize = memory.data(192, 16)
/** SHA-512(R | A | M), and that modulo L. */
export const challengeHash: usize = memory.data(64, 16)
export const challenge: usize = memory.data(32, 16)
