// The one map of this module's memory. Each block is static and zero at the start, so it costs no bytes in the module;
// nothing is allocated later and the memory never grows: the host feeds long input through `input`, a window at a time.

/** SHA-256, in bytes: a digest or chaining value, and a block. */
export const digestBytes: usize = 32
export const blockBytes: usize = 64

/**
 * What the host writes: a message, or leaves in slots of whole blocks. Room is left for the padding of a full window; what
 * `hashLeaves` reads behind it is memory too.
 */
export const inputBytes: usize = 65536
export const input: usize = memory.data(65664, 64)
/** The length of each leaf in `input`, u32; a leaf takes a block at least. */
export const lengths: usize = memory.data(4096, 16)
/** What the host reads: a digest. */
export const output: usize = memory.data(32, 16)

/** One message: its chaining value and its schedule, 64 words. */
export const chaining: usize = memory.data(32, 16)
export const words: usize = memory.data(256, 16)
/** Four messages: the same, and tables, in vectors of a word of each. */
export const chainingFour: usize = memory.data(128, 16)
export const wordsFour: usize = memory.data(1024, 16)
export const initialFour: usize = memory.data(128, 16)
export const constantsFour: usize = memory.data(1024, 16)
/** Digests of four messages, of which not all may have come to their end. */
export const fourDigests: usize = memory.data(128, 16)
/** The last block of a message of 64 bytes, and that of an inner node. */
export const padding: usize = memory.data(64, 16)
export const nodeEnd: usize = memory.data(64, 16)

/** Hashes of one level of a tree, with room for what five at a time touch behind them. */
export const levelMax: usize = 4096
export const level: usize = memory.data(131328, 16)
/** Roots of the perfect subtrees of `levelMax` leaves and more, the widest first, and of what is right of them. */
export const subtrees: usize = memory.data(1056, 16)
