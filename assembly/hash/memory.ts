// The one map of this module's memory. Each block is static and zero at the start, so it costs no bytes in the module;
// nothing is allocated later and the memory never grows: the host feeds long input through `input`, a window at a time.

/** SHA-256, in bytes: a digest or chaining value, and a block. */
export const digestBytes: usize = 32
export const blockBytes: usize = 64

/** What the host writes: a message, or leaves in slots of whole blocks. Room is left for the padding of a full window. */
export const inputBytes: usize = 262144
export const input: usize = memory.data(262272, 64)
/** The length of each leaf in `input`, u32; a leaf takes a block at least. */
export const lengths: usize = memory.data(16384, 16)
/** What the host reads: a digest. */
export const output: usize = memory.data(32, 16)

/** One message: its chaining value, the state within a block, and its schedule. */
export const chaining: usize = memory.data(32, 16)
export const working: usize = memory.data(32, 16)
export const words: usize = memory.data(256, 16)

/** Four messages at a time: the same, each word of them four times, one for each message. */
export const chainingFour: usize = memory.data(128, 16)
export const workingFour: usize = memory.data(128, 16)
export const wordsFour: usize = memory.data(1024, 16)
/** Tables that `prepareFour` fills: the initial chaining value, the constants, the padding of 64 bytes. */
export const initialFour: usize = memory.data(128, 16)
export const constantsFour: usize = memory.data(1024, 16)
export const paddingFour: usize = memory.data(1024, 16)

/** Hashes of one level of a tree, with room for what four at a time touch behind them. */
export const levelMax: usize = 4096
export const level: usize = memory.data(131264, 16)
/** Roots of the perfect subtrees of `levelMax` leaves and more, the widest first, and of what is right of them. */
export const subtrees: usize = memory.data(1056, 16)
/** Four inner nodes: prefix, left, right, padding. */
export const innerNodes: usize = memory.data(576, 16)
