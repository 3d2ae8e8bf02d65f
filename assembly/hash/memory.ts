// The one map of this module's memory. Each block is static and zero at the start, so it costs no bytes in the module;
// nothing is allocated later and the memory never grows: the host feeds long input through `input`, a chunk at a time.

/** What the host writes: bytes to hash, or leaves. */
export const inputBytes: u32 = 262144
export const input: usize = memory.data(262144, 16)

/** What the host reads: a digest. */
export const output: usize = memory.data(4096, 16)

/** A running hash: chaining value, the block being filled, its schedule. */
export const chaining: usize = memory.data(32, 16)
export const block: usize = memory.data(64, 16)
export const schedule: usize = memory.data(256, 16)

/** RFC 6962: one digest for each perfect subtree of what was pushed so far, the widest first; 2^32 leaves need 33. */
export const subtrees: usize = memory.data(1056, 16)
/** The bytes of an inner node: 01, left, right. */
export const innerNode: usize = memory.data(65, 16)
