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
/** Schools and offices share one address. */
export const inboundPerSecondAndAddressMax: number = 30
export const stopTimeoutMs: number = 3_000

/** Transactions that wait for a block. */
export const poolTransactionsMax: number = 10_000
export const poolBytesMax: number = 32 * 1024 * 1024
/** Of one sender, so that one can't fill the pool. */
export const poolTransactionsPerSenderMax: number = 128

/** Evidence that waits for a block: each piece is signed by validators of the chain, so only they could fill it. */
export const evidencePoolMax: number = 64
/** Pieces that wait to be looked at, one after another. */
export const evidenceWaitingMax: number = 16
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
/** Values in one body: evidence names hundreds of validators three times. */
export const rpcJsonMembersMax: number = 32_768
/** A certificate with those above it, and its key; and how often it is looked whether they were renewed. */
export const tlsFileBytesMax: number = 256 * 1024
export const tlsLookEveryMs: number = 5_000
/** How long a browser may remember what a preflight said (Chromium remembers no longer). */
export const preflightSeconds: number = 7_200
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
/** Of one page of a search: each takes the reading of a block, and a page of blocks has all that stands in them. */
export const rpcFoundTransactionsMax: number = 30
export const rpcFoundBlocksMax: number = 10
/** Matches of one search: whoever has more names heights too. */
export const indexMatchesMax: number = 10_000
export const searchTextLengthMax: number = 512
/** Events of a transaction, or of a block's clocks: two thousand of them at most, of some hundred characters. */
export const eventsTextLengthMax: number = 4 * 1024 * 1024
/** Block metas of one `blockchain` call (CometBFT: 20). */
export const rpcBlockMetasMax: number = 20
/** Waiting connections and messages of the websocket. */
export const websocketConnectionsMax: number = 100
export const websocketWaitingMax: number = 16
export const websocketBufferedBytesMax: number = 4 * 1024 * 1024
export const websocketMessageBytesMax: number = 256 * 1024

/** One `add-checkpoint`: a note of 16 kB, at most 63 lines of proof of 45 characters each. */
export const addCheckpointBytesMax: number = 20 * 1024
/** c2sp.org/tlog-witness. */
export const consistencyLinesMax: number = 63
/** Security rule 2: how far a header's time may be from the witness's clock. */
export const witnessSkewSecondsMax: number = 60
/** Checkpoints that wait while one is looked at. */
export const witnessWaitingMax: number = 16
/** For one checkpoint, the questions to the nodes included. */
export const witnessTimeoutMs: number = 10_000
/** Files of contradictions, and of proofs that fail, which anyone can make of a true note. */
export const conflictFilesMax: number = 64
export const unprovenFilesMax: number = 16
/** An answer of a node to a question by HTTP that is not one of the sdk's. */
export const plainAnswerBytesMax: number = 4 * 1024 * 1024
/** A block in JSON: its bytes in base64, and what stands around each transaction. */
export const blockAnswerBytesMax: number = 64 * 1024 * 1024

/** Heads that a node keeps with their cosignatures. */
export const cosignedHeadsMax: number = 64
/** For so long an older head with more cosignatures is better than a newer one with fewer. */
export const cosignedHeadPreferredMs: number = 10_000
export const witnessesMax: number = 32
/** Lines that one witness may answer: one for each kind of signature. */
export const cosignaturesPerWitnessMax: number = 4
/** For one question to a witness. */
export const pushTimeoutMs: number = 15_000
export const askWitnessTimeoutMs: number = 3_000
/** A witness that fails is tried again after twice as long each time, so many times for one head, then with the next. */
export const pushRetryMsMin: number = 250
export const pushRetryMsMax: number = 10_000
export const pushRetriesMax: number = 8
/** How often in a row a witness may name another size that it knows. */
export const pushRoundsMax: number = 3
export const witnessAnswerBytesMax: number = 16 * 1024

/** One file of a light client's store: a light block of a thousand validators with the longest keys. */
export const lightStoreFileBytesMax: number = 8 * 1024 * 1024
/** Names in a folder of it that are looked at. */
export const lightStoreFilesMax: number = 4_096
/** What a process that died left half written is removed after that. */
export const lightStoreLeftoverMs: number = 3_600_000

/** Blocks that one audit walks through. */
export const auditBlocksMax: number = 10_000_000
/** How long it waits when a node asks it to slow down, and how often in a row. */
export const auditPauseMs: number = 1_000
export const auditPausesMax: number = 60

/** How often `muniment light` offers evidence, once a second, before it ends. */
export const reportRoundsMax: number = 10

/** A register that `muniment issue` reads: a CSV file, its rows, and what one of them may hold. */
export const registerBytesMax: number = 64 * 1024 * 1024
export const registerRowsMax: number = 200_000
export const registerColumnsMax: number = 256
export const registerCellLengthMax: number = 2_000
export const registerRowLengthMax: number = 16_000
/** Mistakes in it that are told at once. */
export const registerErrorsToldMax: number = 50
/** What it has done, a line a deed, with the documents. */
export const journalBytesMax: number = 1024 * 1024 * 1024
/** How often in a row it hands in what was not proven, before it says so and ends. */
export const issueRoundsMax: number = 6
/** How long it waits for proof of what it handed in, and how often it looks. */
export const issueSettleMs: number = 15_000
export const issuePollMs: number = 300
/** After a node has asked to slow down. */
export const issuePauseMs: number = 1_500
/** Lines of one value on a printed page. */
export const paperLinesPerValueMax: number = 6
