// Every bound on what comes from outside, in one place. Units stand last in the name.

/** CometBFT: MaxChainIDLen. */
export const chainIdLengthMax = 50
/** A set larger than any live chain's, so that hostile sets cost little. */
export const validatorsMax = 1_000
export const signatureBytesMax = 3_309
export const publicKeyBytesMax = 1_952
export const appHashBytesMax = 1_024
/** CometBFT: MaxTotalVotingPower, (2^63 - 1) / 8. */
export const totalVotingPowerMax = 1_152_921_504_606_846_975n
export const merkleAuntsMax = 100
/** A whole block: CometBFT's MaxBlockSizeBytes is 100 MiB; a block of ours is far smaller. */
export const blockBytesMax: number = 16 * 1024 * 1024
export const blockTransactionsMax = 100_000
/** ICS-23: deeper proofs are refused where a spec names no depth of its own. */
export const proofDepthMax = 256
export const proofOpBytesMax = 256
export const stateKeyBytesMax = 512
export const stateValueBytesMax: number = 64 * 1024
export const stateKeysPerQueryMax = 16
/** Stores that one question is about. */
export const storesPerQueryMax = 4
export const storeNameLengthMax = 64

/** A whole transaction, signatures included. */
export const transactionBytesMax: number = 32 * 1024
export const transactionArgsBytesMax: number = 24 * 1024
export const signersMax = 16
/** Of a page that asks for a signature, `https://host:port`: a host name has 253 characters at most. */
export const originLengthMax = 267
/** A proposal for several signers: an act, its document, and what each has answered. */
export const proposalBytesMax: number = 192 * 1024
/** A reason for declining, in UTF-8. */
export const declineReasonBytesMax = 2_000
/** Nonces below this one of those free are left to a person's own acts while a proposal waits for him. */
export const proposalNonceFirst = 16
/** How long a person may take to answer an authenticator. */
export const passkeyTimeoutMs = 120_000
/** An authenticator's own name for a key (WebAuthn Level 3, 4). */
export const credentialIdBytesMax = 1_023
/** Pages that may ask one passkey. */
export const keyOriginsMax = 8
/** Origins on which a network's people sign what weighs. */
export const identityOriginsMax = 8
/** A request to sign on another page, which travels behind the # of a link, and how long it may wait to be signed. */
export const signRequestBytesMax: number = 64 * 1024
export const signRequestSecondsMax = 3_600
/** Somebody asks to be shown a document: the nonce, the types that would do, and the whole text. */
export const demandNonceLengthMax = 128
export const demandTypesMax = 16
export const demandLengthMax = 8_192
/** How old a holder's answer may be, and how far his clock may be ahead. */
export const presentationSecondsMax = 600
/** How far the clock of the page that asks may be ahead. */
export const signRequestAheadSecondsMax = 300
export const serviceNameLengthMax = 80
export const transitionNameLengthMax = 40
export const roleNameLengthMax = 40
export const officeIdLengthMax = 64
/** A transaction may be valid for at most this many blocks after the newest one. */
export const validUntilBlocksMax = 20_000
/** A validator that answers with a receipt promises inclusion within so many blocks, or so many seconds where blocks are slow. */
export const receiptBlocks = 20
export const receiptSeconds = 120
/** A receipt as bytes. */
export const receiptBytesMax = 512
/** A transaction that can be reported on the ledger, within another one's arguments. */
export const reportedTransactionBytesMax: number = 16 * 1024
/** Of a validator's broken promises, the newest that are listed. */
export const unmetReceiptsKeptMax = 16
/** How many nonces of one account may be open at a time. */
export const nonceWindow = 64
/** Acts of one account on one day (UTC, block time): of a person, and of an official, whose programs issue whole registers. */
export const actsPerDayMax = 500
export const officialActsPerDayMax = 200_000

/** A credential in its text form, and its parts. */
export const credentialLengthMax: number = 128 * 1024
export const disclosuresMax = 256
export const jwsSignaturesMax = 16
export const disclosureLengthMax: number = 32 * 1024
export const jsonDepthMax = 16
export const jsonMembersMax = 4_096
/** Of a genesis file, which holds a whole catalogue. */
export const genesisMembersMax = 262_144
export const linkLengthMax: number = 160 * 1024
/** A Wasm module of ours, inflated. */
export const moduleBytesMax: number = 1 << 20
/** A credential's short form: more than the largest QR code holds, so that files may carry it too. */
export const carrierBytesMax: number = 8 * 1024

/** The largest QR code at level M holds this many capitals and digits. */
export const qrTextLengthMax = 3_391

/** Between a light client and a peer. */
export const lightBlocksPerRequestMax = 64
/** Validator sets that a client tells a node it has, and keeps for a connection. */
export const knownSetsMax = 4
/** Blocks that a node looks at to find a path. */
export const pathLookupsMax = 512
/** Blocks on a hinted path that are fetched before they are needed. */
export const pivotsAheadMax = 4
/** How long a witness may take to say which block it has, and to prove another: no peer can hold an answer up by being slow. */
export const witnessAnswerTimeoutMs = 1_000
export const conflictProofTimeoutMs = 10_000
/** Evidence that is kept until every peer has taken it. */
export const storedEvidenceMax = 16
/** Heights of a hinted path. */
export const lightPathMax = 256
/** A tree of 2^63 leaves is 63 levels high, and a consistency proof has one node more. */
export const historyProofMax = 64
/** A checkpoint note with its cosignatures. */
export const noteBytesMax: number = 16 * 1024
/** Those of 64 witnesses, and of a log that changes its key. C2SP's signed-note asks for 16 at least. */
export const noteSignaturesMax = 80
/** Post-quantum signatures of others are carried too. */
export const noteSignatureBytesMax = 5_000
/** Of a key or an origin: a chain id in it may take nine characters for each of its own. */
export const noteNameLengthMax = 600
export const noteExtensionsMax = 16
export const noteExtensionLengthMax = 1_024
export const evidenceBytesMax: number = 1024 * 1024
/** Evidence carries a whole set, and whoever lies can make his as long as a client takes one: a thousand Ed25519 keys and votes. */
export const requestBytesMax: number = 256 * 1024
export const responseBytesMax: number = 4 * 1024 * 1024
export const frameBytesMax: number = 64 * 1024
export const requestTimeoutMs = 8_000
export const dialTimeoutMs = 12_000
/** What one peer may ask of whoever serves it: a node, or a page that offers to be asked. */
export const requestsPerSecondAndPeer = 50
export const requestBurst = 100
export const requestsAtOncePerPeerMax = 16
export const streamsPerPeerMax = 4
export const idleTimeoutMs = 120_000
/** One message of a data channel: what every WebRTC library can take. */
export const channelMessageBytesMax: number = 16 * 1024
/** Handed to WebRTC at a time; more waits, up to where a peer that reads nothing is cut off. */
export const channelBufferedBytesMax: number = 1024 * 1024
export const channelWaitingBytesMax: number = 16 * 1024 * 1024
/** Read from a stream and not yet looked at, beside the frame that is being read. */
export const framesWaitingBytesMax: number = 4 * 1024 * 1024
/** From an open channel to a proven peer. */
export const handshakeTimeoutMs = 10_000
/** Addresses of this side that are not found by then are left out. */
export const gatheringTimeoutMs = 2_000
/** A blob: one side of a connection between two browsers, and how many places to try it names. */
export const blobBytesMax = 256
export const blobCandidatesMax = 8
/** Well-known services have ports below it. */
export const candidatePortMin = 1_024
/** How long a person may take to carry the two blobs, and how many connections are being made at once. */
export const pairingTimeoutMs = 300_000
export const pairingsAtOnceMax = 8
/** Introductions by a peer (security rule 29). */
export const introducedCandidatesMax = 4
export const introductionLifetimeSeconds = 60
/** Devices whose clocks differ by more can only pair by hand. */
export const introductionDriftSeconds = 60
export const introductionBytesMax = 1_024
export const introductionTimeoutMs = 10_000
export const introductionStreamsPerPeerMax = 16
/** At an introducer: of one peer, and of all. */
export const introductionRequestsPerMinuteAndPeer = 60
export const introductionsPerMinuteAndPeer = 5
export const introductionsPerMinuteMax = 120
export const introductionsAtOnceMax = 32
/** Who may wait there, and how many of them one answer names. */
export const introduciblePeersMax = 256
export const introducedPeersMax = 16
/** Offers that a page answers, whoever brings them. */
export const offersPerMinuteMax = 20
/** For one question with all that goes before it, where its transport keeps no time of its own. */
export const questionTimeoutMs = 22_000
/** How long a question waits for a peer's dial while another node can be asked, and when a failed dial is tried again. */
export const dialPatienceMs = 2_000
export const redialAfterMs = 5_000
/** How long one address of a node is tried before the next one is tried beside it; the patience above covers both. */
export const nextAddressAfterMs = 1_200
/** The same where nobody else can be asked: on a poor line a dial takes two to three seconds, and a second one beside it slows both. */
export const nextAddressOfLastAfterMs = 4_000
/** Skipping verification: the most blocks that one way is searched by. */
export const bisectionStepsMax = 256
export const sequentialStepsMax = 100_000
/** Below the first trusted height, by hash links; what is older is proved by the history log. */
export const backwardStepsMax = 4_096
/** What one provider may take for one sync, before the next is asked. */
export const providerSyncTimeoutMs = 30_000
/** How long one of several providers may get on with nothing before the next is asked beside it. */
export const nextProviderAfterMs = 1_500
/** How long those that cost nothing to ask may be silent before one is asked that costs much: on a poor line answers are slow. */
export const reserveAfterMs = 5_000
/** How much longer than for the first answer is waited for the others, so that none can hide a newer block by being first. */
export const latestGraceMs = 1_000
/** Of a chain, in a store and in a client that follows it: a block of 150 validators takes 35 kB of memory. */
export const storedLightBlocksMax = 128
/** CometBFT's default clock drift. */
export const clockDriftSecondsMax = 10
/**
 * A device's clock that is further ahead of the nodes' is said to be wrong. Twice the tightest freshness, so a clock set by hand to
 * the minute is not blamed, nor is an answer that took its whole time to come; a clock ahead by more makes any head look old.
 */
export const clockAheadSecondsMax = 120
/** How long the nodes may take to say what the time is, and to prove that by their time all is well. */
export const clockAnswerTimeoutMs = 2_000
export const clockCheckTimeoutMs = 10_000
/** Keys of one kind in a trust root, and so signatures of a checkpoint. */
export const rootKeysMax = 64
export const witnessNameLengthMax = 120
/** How far a witness's clock may be from the time of a header that it cosigns (security rule 2). */
export const witnessSkewSecondsMax = 60
export const compromisedKeysMax = 256
export const checkpointBytesMax: number = 16 * 1024
/** With its signatures. */
export const signedCheckpointBytesMax: number = 32 * 1024
/** Thirty days: there is no stake to lose after them (security rule 9). */
export const trustingPeriodSecondsMax = 2_592_000
/** JSON that an RPC server may answer. */
export const rpcAnswerBytesMax: number = 8 * 1024 * 1024
export const validatorPagesMax = 100
export const validatorsPerPage = 100
/** Questions that one call sends to a server at a time. */
export const rpcCallsAtOnceMax = 8
export const rpcLogLengthMax = 500
/** One encoded CommitmentProof: a value, and two paths of at most 256 steps. */
export const stateProofBytesMax: number = 256 * 1024

/** Entries of the state tree. */
export const accountKeysMax = 32
/** Of the keys that end with a recovery, the newest so many stay listed, so that nobody who held one leaves no room for new ones. */
export const recoveredKeysKeptMax = 8
/** Persons who may recover an account together. */
export const guardiansMax = 16
/** Services and steps that one delegation covers. */
export const delegationScopeMax = 16
/** A service, `/` and a step. */
export const scopeLengthMax = 121
/** How long a recovery waits, in block time, while any key of the account can cancel it. */
export const recoveryDelaySecondsMin = 86_400
export const recoveryDelaySecondsMax = 7_776_000
/** Of validators that broke the rules; older ones are counted, and stand in their blocks. */
export const misbehaviorsMax = 16
export const languagesMax = 16
export const nameLengthMax = 200
/** The same in UTF-8: a UTF-16 unit takes at most three bytes. */
export const nameBytesMax = 600
export const officeTypesMax = 256
export const reasonLengthMax = 64
/** A record keeps its issuing and its newest changes, together this many. */
export const statusChangesMax = 16
export const serviceBytesMax: number = 48 * 1024
/** Steps that somebody signs until a record is put right, the correction among them: to wait for a clock or another service is none. */
export const correctionStepsMax = 3
/** Members of each map in a service file. */
export const serviceMembersMax = 64
export const statesMax = 32
/** Of one step: conditions, effects, tags, links and the parties it names. */
export const guardsPerStepMax = 16
export const effectsPerStepMax = 8
export const tagsPerStepMax = 8
export const casePartiesMax = 8
/** Of one step of one case: who ever took it. */
export const caseActorsMax = 64
/** A clock runs in block time: an hour to a century. */
export const clockSecondsMin = 3_600
export const clockSecondsMax = 3_155_760_000
/** Clocks that one block looks at, and empty stretches of time that it passes over. */
export const timersPerBlockMax = 2_000
/** A clock that has run out while nothing could be done is looked at again after so long. */
export const clockAgainSeconds = 86_400
export const timerBucketsPerBlockMax = 5_000
/** Public facts of one case, as canonical JSON. */
export const caseFactsBytesMax = 2_048
export const factTextLengthMax = 64
/** Looks into one case. */
export const looksPerCaseMax = 4_096
/** Asked for at a time: whoever is asked sees that these belong together, and one or more of them before they are there. */
export const lookTagsPerQuery = 4
/** After a look, the official may be given what he looked for within so long. */
export const lookSecondsMax = 86_400
/** One private field of a case, as canonical JSON. */
export const privateValueBytesMax: number = 16 * 1024
/** Cases that wait for a fact under one tag. */
export const listenersPerTagMax = 32
export const obligationsPerCaseMax = 8
/** Of a plan to pay in parts, and how far its parts are from each other. */
export const planPartsMax = 120
export const planEverySecondsMin = 86_400
export const planEverySecondsMax = 31_622_400
/** Basis points a year. */
export const interestRateMax = 10_000
export const recordsPerCaseMax = 16
/** Below so many validators one of them may know every value beforehand, and a draw says `draw/operator`. */
export const drawValidatorsMin = 4
/** Of all offices of a role together: who can be drawn for one case. */
export const drawPoolMax = 1_024
/** Draws of officials that one block decides; the rest waits for the next. */
export const drawsPerBlockMax = 500
/** For so many blocks a draw waits for a secret that is older than its pool; then any decides, and the draw says that one alone could have chosen. */
export const drawPatienceBlocks = 64
/** What a node's index may name in one answer: a page, pages, cases of one person, events of one transaction. */
export const foundPerPageMax = 30
export const foundPagesMax = 32
export const foundCasesMax = 128
export const foundEventsMax = 256
/** Holders of one post in one office. */
export const rosterMax = 256
/** An idle chain makes a block every 30 s; a proof needs two of them. */
export const freshnessSecondsMin = 60
/** A head older than any trusting period proves nothing. */
export const freshnessSecondsMax = 2_592_000
/** What a node says beside an answer, in UTF-8. */
export const toldBytesMax = 600
export const toldLengthMax = 200
/** How long a page waits for another one of its origin that syncs. */
export const lockPatienceMs = 3_000
/** A store that hangs is gone without. */
export const storeTimeoutMs = 3_000
/** JSON text from outside. Engines' regular expressions fail on strings of about eight million characters. */
export const jsonLengthMax: number = 2 * 1024 * 1024
/** A link may run ahead of the head by this much before its record is called missing. */
export const pendingBlocksMax = 20
/** How long to wait for a record to be proven after it was submitted, and how often to look. */
export const inclusionTimeoutMs = 60_000
export const inclusionPollMs = 400
/** By how many of the last blocks the pace of a chain is told. */
export const paceBlocks = 100n
/** Connections of one page. */
export const peersMax = 16
/** Addresses of each kind in network.json. */
export const addressesMax = 32
export const addressLengthMax = 300
/** A transaction prepared here may be included within this many blocks: at one every 30 s, a day and more. */
export const validForBlocks = 3_000
/** A proof bundle: a document, its head, the steps to it, and the state under it. */
export const bundleBytesMax: number = 8 * 1024 * 1024
export const bundleBlocksMax: number = 256
export const bundleStatesMax: number = 4

/** What a page reads to see what kind of file it was given. */
export const fileHeadBytes = 1_024
/** A picture's file, and how much of it may stand before its size: photos carry thumbnails and profiles there. */
export const pictureBytesMax: number = 32 * 1024 * 1024
export const pictureHeadBytesMax: number = 4 * 1024 * 1024
/** Decoded, four bytes a pixel: a phone's photo has 12 to 50 million. */
export const picturePixelsMax = 60_000_000
/** Pictures and a camera's frames are made smaller than this before a code is looked for. */
export const pictureSideMax = 2_560
export const frameSideMax = 1_280
/** Between two looks at a camera's picture, and how long a camera stays on. */
export const framePauseMs = 100
export const scanTimeoutMs = 120_000
/** How long a page may take to read a file. */
export const fileTimeoutMs = 20_000
export const pdfBytesMax: number = 64 * 1024 * 1024
/** In one PDF: objects, values that are read of them, tables of them, nodes of a tree, and what all its streams inflate to. */
export const pdfObjectsMax = 500_000
export const pdfValuesMax = 2_000_000
export const pdfTablesMax = 64
export const pdfNodesMax = 4_096
export const pdfDepthMax = 32
export const pdfAttachmentsMax = 64
export const pdfInflatedBytesMax: number = 64 * 1024 * 1024
/** A length that is told by another object, in a stream whose length is told by another. */
export const pdfReferencesMax = 8
/** Streams that can't be inflated; and how far is looked for the end of those whose length is wrong. */
export const pdfDamagedStreamsMax = 16
export const pdfSearchedBytesMax: number = 256 * 1024 * 1024

/** What a citizen keeps in this browser: documents, the smallest length that one is padded to, and one before that. */
export const keptDocumentsMax = 200
export const walletBucketBytesMin = 4_096
export const keptBytesMax: number = 256 * 1024 - 4
/** Passkeys that open one wallet. */
export const walletPasskeysMax = 8
/** A wallet as a file. */
export const walletFileBytesMax: number = 16 * 1024 * 1024
/** Of the passphrase that protects it, in characters, and in UTF-16 units. */
export const passphraseLengthMin = 12
export const passphraseLengthMax = 1_024
/** PBKDF2-HMAC-SHA-256: what OWASP asked for in 2023, and what a file may ask of a phone. */
export const passphraseRoundsMin = 600_000
export const passphraseRoundsMax = 10_000_000

/** Guards (docs/protocol/guards.md). Of their text: characters, tokens, parts of the tree, its levels, one literal. */
export const guardLengthMax = 2_000
export const guardTokensMax = 1_000
export const guardNodesMax = 500
export const guardDepthMax = 32
export const guardLiteralLengthMax = 256
/** Of the values: members of a list, code points of a text or bytes. */
export const guardListLengthMax = 64
export const guardTextLengthMax = 4_096
/** Of an environment: variables, functions, fields of one record. */
export const guardDeclarationsMax = 256
/** One evaluation, in units of about 10 ns on a server: the most that a guard may cost by its declared sizes. */
export const guardCostMax = 10_000

/** Decision tables of a service file. */
export const tablesMax = 8
/** Decision tables (docs/protocol/guards.md): inputs, dated sets, rows of a set, and what a set may cost to be asked. */
export const tableInputsMax = 8
export const tableSetsMax = 64
export const tableRowsMax = 512
export const tableCostMax = 10_000
/** To know of every case of a file's tables that it has one row, in units of about 10 ns. */
export const tableChecksMax = 500_000
