// Bounds of the node, beside those of the sdk's formats. Units stand last in the name.

/** WebRTC: new connections from everywhere, and of them those from one network (an IPv4 address, 64 bits of IPv6). */
export const handshakesPerSecond: number = 20
export const handshakeBurst: number = 40
export const handshakesPerSecondAndNetwork: number = 10
export const handshakeBurstPerNetwork: number = 20
/** Networks whose rate is remembered. */
export const handshakeNetworksMax: number = 10_000
export const connectionsMax: number = 500
/** Begun, and not yet proven. */
export const pendingConnectionsMax: number = 64
export const pendingConnectionsPerNetworkMax: number = 32
/** An address that has not answered by then gets nothing more: three packets went there, at 0, 0.5 and 1.5 s. */
export const addressTimeoutMs: number = 3_000
/** From an address that answers to a proven peer. */
export const handshakeTimeoutMs: number = 10_000
/** A service that answers from a lower port might be made to answer us by a forged packet. */
export const callerPortMin: number = 1_024
/** Schools and offices share one address. */
export const inboundPerSecondAndAddressMax: number = 30
export const stopTimeoutMs: number = 3_000

/** Transactions that wait for a block. */
export const poolTransactionsMax: number = 10_000
export const poolBytesMax: number = 32 * 1024 * 1024
/** Of one sender, so that one can't fill the pool. */
export const poolTransactionsPerSenderMax: number = 128

/** The smallest block that a genesis file may ask for. */
export const blockBytesMin: number = 128 * 1024
/** Heights that one start may replay before it is said to be a damaged home. */
export const replayBlocksMax: number = 10_000_000

/** One request over HTTP. */
export const httpBodyBytesMax: number = 256 * 1024
export const httpUrlLengthMax: number = 100 * 1024
export const httpHeaderBytesMax: number = 16 * 1024
export const httpHeadersTimeoutMs: number = 10_000
export const httpRequestTimeoutMs: number = 20_000
/** Open connections, of all and of one address. */
export const httpConnectionsMax: number = 1_000
export const httpConnectionsPerAddressMax: number = 200
/** Requests being answered at one time. */
export const httpRequestsConcurrentMax: number = 200
/** Calls in one JSON-RPC batch. */
export const rpcBatchMax: number = 100
/** Calls of one address: refilled evenly, so many a second, saved up to the burst. */
export const rpcCallsPerSecondMax: number = 400
export const rpcCallsBurstMax: number = 4_000
/** An answer counts as one call for so many of its bytes. */
export const rpcAnswerBytesPerCall: number = 16 * 1024
/** Addresses whose rate is remembered. */
export const rpcAddressesMax: number = 10_000
/** Items of one page (CometBFT: 100). */
export const rpcPageItemsMax: number = 100
/** Block metas of one `blockchain` call (CometBFT: 20). */
export const rpcBlockMetasMax: number = 20
/** Waiting connections and messages of the websocket. */
export const websocketConnectionsMax: number = 100
export const websocketWaitingMax: number = 16
export const websocketBufferedBytesMax: number = 4 * 1024 * 1024
export const websocketMessageBytesMax: number = 256 * 1024
