// Public names, in the order in which one reads about them.

// A client of one network: verify a record, read the state, sign and submit.
export type { CallOptions, Client, ClientOptions, ClientStatus, HeldDocument, VerifyRequest } from './client.ts'
export { createClient, readDocument, verifyBundle, verifyRecord } from './client.ts'
export type { Network } from './network.ts'
export { formatNetwork, parseNetwork } from './network.ts'
export type { Dialer, PeerStatus } from './sources.ts'

// What a check of a record comes to.
export * from './record/verdict.ts'
export type { RecordInput, VerifyRecordOptions } from './record/verify.ts'

// Links, proof bundles and credentials.
export type { RecordLink } from './record/link.ts'
export { formatRecordLink, formatShortLink, parseRecordLink, parseShortLink } from './record/link.ts'
export type { PresentationDemand } from './record/demand.ts'
export { audienceOf, formatDemand, parseDemand } from './record/demand.ts'
export type { Bundle } from './record/bundle.ts'
export {
  createBundleProvider,
  createRecorder,
  decodeBundle,
  encodeBundle,
  isBundle,
  keptBlocks,
} from './record/bundle.ts'
export type { Credential, KeyBindingDemand } from './credential/credential.ts'
export type { CredentialContent } from './credential/issue.ts'
export { commitmentOf, parseCredential, presentCredential } from './credential/credential.ts'
export { issueCredential } from './credential/issue.ts'
export { bindPresentation } from './credential/key-binding.ts'
export { requestedDocument } from './credential/requested.ts'
export * as sdJwt from './credential/rfc9901.ts'

// What a holder keeps: sealed documents, and the keys that open them.
export * from './wallet/file.ts'
export * from './wallet/keys.ts'
export type { KeptDocument, KeptPlace } from './wallet/kept.ts'
export { openKept, sealKept } from './wallet/kept.ts'

// The light client, for any CometBFT chain.
export * from './light/trust-root.ts'
export * from './light/checkpoint.ts'
export type { Exclusive, LightAnswer, LightClientOptions, SyncOptions } from './light/client.ts'
export { LightClient } from './light/client.ts'
export type { Heard } from './light/heard.ts'
export type { Contradiction, ToldBlock } from './light/contradiction.ts'
export * from './light/detect.ts'
export * from './light/evidence.ts'
export * from './light/attack.ts'
export * from './light/history.ts'
export * from './light/path.ts'
export * from './light/note.ts'
export type { Chain, ChainHead, ChainOptions } from './light/chain.ts'
export { createChain } from './light/chain.ts'
export type { TrustedReader, TrustedState } from './light/reader.ts'
export type { SyncProgress } from './light/sync.ts'
export * from './light/verify.ts'
export * from './light/attack.ts'
export type { SignedPower, TrustLevel } from './light/commit.ts'
export type { Trusted } from './trusted.ts'

// The seams, and what implements them here.
export * from './provider.ts'
export type { RpcProviderOptions } from './rpc/provider.ts'
export { createRpcProvider } from './rpc/provider.ts'
export * from './rpc/verified.ts'
export * from './rpc/cases.ts'
export type { ReceiptAnswer } from './rpc/receipts.ts'
export { submitForReceipt } from './rpc/receipts.ts'
export { createNodeProvider, queryContentType } from './rpc/node-provider.ts'
export { answerQuery, queryProtocol } from './p2p/messages.ts'
export type { Store, StoredEvidence } from './store.ts'
export { openIndexedDbStore } from './storage/indexed-db.ts'
export { createMemoryStore } from './storage/memory.ts'
export { storedEvidence } from './storage/stored-evidence.ts'
export type { Crypto, Hasher, SignedMessage, VerifyOptions } from './crypto/crypto.ts'
export type { OtherKeyType, ValidatorKeys } from './crypto/validator-keys/keys.ts'
export type { KeySupport } from './crypto/validator-keys/support.ts'
export * from './crypto/load.ts'
export * from './crypto/batch.ts'
export { recoverP256Keys } from './crypto/p256.ts'
export { withLowS } from './crypto/encoding.ts'
export type { AnySigner, PasskeyAnswer, PasskeySigner, Signer } from './tx/signer.ts'

// Transactions and what the ledger keeps.
export type { PrepareRequest, SignGiven } from './tx/prepare.ts'
export { isNonceUsed, prepareBody, signBody } from './tx/prepare.ts'
export * from './tx/transaction.ts'
export * from './tx/proposal.ts'
export * from './tx/receipts.ts'
export * from './tx/standing.ts'
export * from './tx/identity.ts'
export * from './tx/request.ts'
export * from './tx/webauthn.ts'
export * from './ledger/cases.ts'
export * from './ledger/obligations.ts'
export * from './ledger/codes.ts'
export * from './ledger/draws.ts'
export * from './ledger/entries.ts'
export * from './ledger/genesis.ts'
export * from './ledger/keys.ts'
export * from './ledger/looks.ts'
export * from './ledger/private-fields.ts'
export * from './catalogue/localize.ts'
export type { CommonCounter } from './catalogue/counters.ts'
export {
  addCounters,
  commonCounters,
  counterNames,
  laterCounters,
  medianDays,
  monthOf,
  pairConcentration,
  readCounters,
  rosterCounters,
  withinDays,
} from './catalogue/counters.ts'
export { parseDate } from './catalogue/dates.ts'
export type { Effect } from './catalogue/effects.ts'
export { keeping, keepSeconds, shredDue } from './catalogue/shred.ts'
export type { CaseFacts, Formula } from './catalogue/facts.ts'
export { evaluateFormula, guardFacts } from './catalogue/facts.ts'
export type { LintFinding } from './catalogue/lint/finding.ts'
export type { LintGiven } from './catalogue/lint.ts'
export { lintService } from './catalogue/lint.ts'
export type { Basis, CaseState, Fact, Link, Procedure } from './catalogue/procedure.ts'
export { admitService, decodeProcedure } from './catalogue/procedure.ts'
export type { Operation, Service, ServiceLook, ServiceTransition } from './catalogue/service.ts'
export { decodeService, isOfficeRole, isPartyRole } from './catalogue/service.ts'
export type {
  OfficeRole,
  PartyRole,
  ServiceAct,
  ServiceActs,
  ServiceRole,
  SigningPlace,
} from './catalogue/service-acts.ts'
export { decodeServiceActs } from './catalogue/service-acts.ts'
export type { Localized, ServiceField, ServiceHead } from './catalogue/service-head.ts'
export { readLocalized } from './catalogue/service-head.ts'
export type { Need, CaseStep, StepGuard } from './catalogue/steps.ts'
export { stepGuards, tagsTaken, validSecondsMax } from './catalogue/steps.ts'
export { parseDuration } from './catalogue/durations.ts'

// Guards: when a step of a service may be taken.
export type { CheckedGuard, CheckGuardOptions } from './catalogue/guard/check.ts'
export { checkGuard } from './catalogue/guard/check.ts'
export type { GuardEnvironment, GuardFunction, GuardVariable } from './catalogue/guard/environment.ts'
export type { EvaluateGuardOptions, GuardFacts, GuardResult } from './catalogue/guard/evaluate.ts'
export { evaluateGuard } from './catalogue/guard/evaluate.ts'
export type { ClosedCondition, GuardExplanation } from './catalogue/guard/explain.ts'
export { explainGuard } from './catalogue/guard/explain.ts'
export { parseGuard } from './catalogue/guard/parse.ts'
export type { Expression as GuardExpression, Guard, Span as GuardSpan } from './catalogue/guard/syntax.ts'
export { GuardError } from './catalogue/guard/syntax.ts'
export type { GuardField, GuardType } from './catalogue/guard/types.ts'
export type {
  GuardDuration,
  GuardErrorCode,
  GuardRecord,
  GuardTimestamp,
  GuardValue,
} from './catalogue/guard/value.ts'
export type { Table, TableInput, TableResult, TableRow, TableSet } from './catalogue/table.ts'
export { evaluateTable, tableFunction } from './catalogue/table.ts'
export { readTable } from './catalogue/table-read.ts'
export type { ServiceTable } from './catalogue/tables.ts'

// CometBFT's types, hashes and JSON.
export * from './comet/block.ts'
export * from './comet/block-id.ts'
export * from './comet/block-json.ts'
export * from './comet/commit.ts'
export * from './comet/evidence.ts'
export * from './comet/header.ts'
export * from './comet/light-block.ts'
export * from './comet/rpc-json.ts'
export * from './comet/short-commit.ts'
export * from './comet/validate.ts'
export * from './comet/validator-set.ts'

// Proofs.
export * from './ics23/proof.ts'
export * from './ics23/spec.ts'
export * from './ics23/state.ts'
export * from './ics23/verify.ts'
export type { Consistency, Inclusion, VerifiedProof } from './merkle/rfc6962.ts'
export { verifyConsistency, verifyInclusion } from './merkle/rfc6962.ts'
export * from './merkle/root.ts'

// The ground.
export type { VerifyErrorCode } from './errors.ts'
export { assert, check, VerifyError } from './errors.ts'
export * from './bytes.ts'
export * from './json.ts'
export * as limits from './limits.ts'
export type { Message } from './protobuf.ts'
export * as protobuf from './protobuf.ts'
export type { Tag } from './tags.ts'
export { frame, taggedHash } from './tags.ts'
export * from './time.ts'
