// Bounds of the node, beside those of the sdk's formats. Units stand last in the name.

/** WebRTC: new connections from everywhere, and what one peer may do. */
export const handshakesPerSecond = 20
export const handshakeBurst = 40
export const connectionsMax = 500
export const pendingConnectionsMax = 64
/** Schools and offices share one address. */
export const inboundPerSecondAndAddressMax = 30
export const streamsPerPeerMax = 4
export const requestsPerSecondAndPeer = 50
export const requestBurst = 100
export const requestsAtOncePerPeerMax = 16
export const idleTimeoutMs = 120_000
export const stopTimeoutMs = 3_000

/** Transactions that wait for a block. */
export const poolTransactionsMax = 10_000
export const poolBytesMax = 32 * 1024 * 1024
/** Of one sender, so that one can't fill the pool. */
export const poolTransactionsPerSenderMax = 128

/** The smallest block that a genesis file may ask for. */
export const blockBytesMin = 128 * 1024
/** Heights that one start may replay before it is said to be a damaged home. */
export const replayBlocksMax = 10_000_000

/** One request over HTTP. */
export const httpBodyBytesMax = 256 * 1024
export const httpUrlLengthMax = 100 * 1024
export const httpHeaderBytesMax = 16 * 1024
export const httpHeadersTimeoutMs = 10_000
export const httpRequestTimeoutMs = 20_000
/** Open connections, of all and of one address. */
export const httpConnectionsMax = 1_000
export const httpConnectionsPerAddressMax = 200
/** Requests being answered at one time. */
export const httpRequestsConcurrentMax = 200
/** Calls in one JSON-RPC batch. */
export const rpcBatchMax = 100
/** Calls of one address: refilled evenly, so many a second, saved up to the burst. */
export const rpcCallsPerSecondMax = 400
export const rpcCallsBurstMax = 4_000
/** An answer counts as one call for so many of its bytes. */
export const rpcAnswerBytesPerCall = 16 * 1024
/** Addresses whose rate is remembered. */
export const rpcAddressesMax = 10_000
/** Items of one page (CometBFT: 100). */
export const rpcPageItemsMax = 100
/** Block metas of one `blockchain` call (CometBFT: 20). */
export const rpcBlockMetasMax = 20
/** Waiting connections and messages of the websocket. */
export const websocketConnectionsMax = 100
export const websocketWaitingMax = 16
export const websocketBufferedBytesMax = 4 * 1024 * 1024
export const websocketMessageBytesMax = 256 * 1024
