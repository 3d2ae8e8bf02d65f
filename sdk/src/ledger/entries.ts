// What stands in the state tree: the values under the keys of keys.ts, in canonical protobuf. Formats are frozen by
// test/golden; a field may be added, none may change its meaning.

import { timestamp } from '../comet/block-id.ts'
import {
  accountKeysMax,
  chainIdLengthMax,
  delegationScopeMax,
  guardiansMax,
  identityOriginsMax,
  keyOriginsMax,
  languagesMax,
  misbehaviorsMax,
  nameBytesMax,
  officeIdLengthMax,
  officeTypesMax,
  originLengthMax,
  reasonLengthMax,
  roleNameLengthMax,
  scopeLengthMax,
  serviceNameLengthMax,
  signersMax,
  statusChangesMax,
  transitionNameLengthMax,
} from '../limits.ts'
import {
  always,
  bool,
  bytes,
  type Message,
  message,
  optional,
  repeated,
  repeatedBytes,
  repeatedString,
  string,
  uint32,
  uint64,
} from '../protobuf.ts'
import type { Timestamp } from '../time.ts'

/** Signature algorithms of accounts. A passkey's key is one of these; its assertions are told apart by the signature. */
export const Algorithm = { ed25519: 1, p256: 2 } as const

/** `bytes`: 32 for Ed25519; 33, SEC 1 compressed, for P-256. */
export type AccountKey = { readonly algorithm: number; readonly bytes: Uint8Array }

export const accountKeyMessage: Message<AccountKey> = message({ algorithm: uint32(1), bytes: bytes(2, 33) })

/** The genesis leaf. */
export type ChainEntry = {
  readonly chainId: string
  readonly genesisHash: Uint8Array
  readonly initialHeight: bigint
}

export const chainEntry: Message<ChainEntry> = message({
  chainId: string(1, chainIdLengthMax),
  genesisHash: bytes(2, 32),
  initialHeight: uint64(3),
})

/** Where weighty acts are signed. */
export type IdentityEntry = {
  /** `https://id.example`; the first is the one that other pages send people to. */
  readonly origins: readonly string[]
}

export const identityEntry: Message<IdentityEntry> = message({
  origins: repeatedString(1, identityOriginsMax, originLengthMax),
})

/** How a request to sign was answered: by a record, once. */
export type RequestEntry = {
  /** The record's state key, 32 bytes. */
  readonly record: Uint8Array
  /** The step that was taken, which the record itself does not say. */
  readonly transition: string
  /** Accounts, 32 bytes each, in the order of the act. */
  readonly signers: readonly Uint8Array[]
  readonly height: bigint
}

export const requestEntry: Message<RequestEntry> = message({
  record: bytes(1, 32),
  transition: string(2, transitionNameLengthMax),
  signers: repeatedBytes(3, signersMax, 32),
  height: uint64(4),
})

/** Numbers of ABCI's MisbehaviorType. */
export const MisbehaviorType = { 'duplicate-vote': 1, 'light-client-attack': 2 } as const

/** What the evidence in a block says of one validator. */
export type RecordedMisbehavior = {
  /** MisbehaviorType. */
  readonly type: number
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly power: bigint
  readonly totalVotingPower: bigint
  /** Of the infraction, and that block's time. */
  readonly height: bigint
  readonly time: Timestamp
  /** Of the block that carries the evidence. */
  readonly recordedHeight: bigint
}

/** For everyone to see: a chain whose validators have lied says so itself, with a proof. */
export type MisbehaviorEntry = {
  /** Since the chain began. */
  readonly count: bigint
  /** The newest, the last recorded last. */
  readonly newest: readonly RecordedMisbehavior[]
}

const recordedMisbehavior: Message<RecordedMisbehavior> = message({
  type: uint32(1),
  address: bytes(2, 20),
  power: uint64(3),
  totalVotingPower: uint64(4),
  height: uint64(5),
  time: always(6, timestamp),
  recordedHeight: uint64(7),
})

export const misbehaviorEntry: Message<MisbehaviorEntry> = message({
  count: uint64(1),
  newest: repeated(2, recordedMisbehavior, misbehaviorsMax),
})

export type HeldKey = {
  readonly key: AccountKey
  readonly fromHeight: bigint
  /** 0 while it holds. */
  readonly endedHeight: bigint
  /** Of a passkey: it signs by WebAuthn only, and a key without this never does. */
  readonly passkey: Passkey | undefined
  /** That it signs weighty acts although it is no passkey: an identity page or an office keeps it. */
  readonly isIdentity: boolean
}

/** For whom an authenticator keeps a key, and whose pages may ask it (tx/webauthn.ts). */
export type Passkey = {
  /** SHA-256 of the relying party's id, 32 bytes. */
  readonly rpIdHash: Uint8Array
  readonly origins: readonly string[]
}

export type AccountEntry = {
  readonly keys: readonly HeldKey[]
  /** This nonce and every one below is used up; the first usable one is 1. */
  readonly nonceFloor: bigint
  /** Bit i: nonce `nonceFloor + 1 + i` is used. */
  readonly nonceBits: bigint
  readonly createdHeight: bigint
  readonly guardians: Guardians | undefined
  /** Under way; any key of the account cancels it. */
  readonly recovery: PendingRecovery | undefined
  /** Delegations given at this height or before hold no more; 0: none was ended so. */
  readonly delegationsEndedHeight: bigint
  /** The day of its newest act, in days of block time since 1970, and how often it has acted on it. */
  readonly actsDay: bigint
  readonly actsCount: bigint
}

/** Who may recover an account together, when its keys are lost. */
export type Guardians = {
  /** So many of them. */
  readonly threshold: number
  /** Accounts, 32 bytes each. */
  readonly accounts: readonly Uint8Array[]
}

/** A new key for an account, on the word of its guardians or of two officials. */
export type PendingRecovery = {
  readonly key: AccountKey
  readonly passkey: Passkey | undefined
  /** As a held key's. */
  readonly isIdentity: boolean
  readonly startedHeight: bigint
  /** From this block time on the key's holder may finish it. */
  readonly readyTime: Timestamp
  /** Whose officials began it; empty: the guardians. */
  readonly office: string
}

/** That one account may act for another. */
export type DelegationEntry = {
  readonly from: Uint8Array
  readonly to: Uint8Array
  /** `land.title@1`: every step of the service; `land.title@1/transfer`: that one. */
  readonly scope: readonly string[]
  readonly fromHeight: bigint
  /** From this block time on it holds no more. */
  readonly untilTime: Timestamp
  /** Ended before its time by one of the two; 0 while it holds. */
  readonly endedHeight: bigint
}

const passkey: Message<Passkey> = message({
  rpIdHash: bytes(1, 32),
  origins: repeatedString(2, keyOriginsMax, originLengthMax),
})

const heldKey: Message<HeldKey> = message({
  key: always(1, accountKeyMessage),
  fromHeight: uint64(2),
  endedHeight: uint64(3),
  passkey: optional(4, passkey),
  isIdentity: bool(5),
})

const guardians: Message<Guardians> = message({
  threshold: uint32(1),
  accounts: repeatedBytes(2, guardiansMax, 32),
})

const pendingRecovery: Message<PendingRecovery> = message({
  key: always(1, accountKeyMessage),
  passkey: optional(2, passkey),
  startedHeight: uint64(3),
  readyTime: always(4, timestamp),
  office: string(5, officeIdLengthMax),
  isIdentity: bool(6),
})

export const accountEntry: Message<AccountEntry> = message({
  keys: repeated(1, heldKey, accountKeysMax),
  nonceFloor: uint64(2),
  nonceBits: uint64(3),
  createdHeight: uint64(4),
  guardians: optional(5, guardians),
  recovery: optional(6, pendingRecovery),
  delegationsEndedHeight: uint64(7),
  actsDay: uint64(8),
  actsCount: uint64(9),
})

export const delegationEntry: Message<DelegationEntry> = message({
  from: bytes(1, 32),
  to: bytes(2, 32),
  scope: repeatedString(3, delegationScopeMax, scopeLengthMax),
  fromHeight: uint64(4),
  untilTime: always(5, timestamp),
  endedHeight: uint64(6),
})

export type LocalizedText = { readonly language: string; readonly text: string }

export type OfficeType = {
  readonly type: Uint8Array
  readonly fromHeight: bigint
  /** 0 while it holds. */
  readonly endedHeight: bigint
}

export type OfficeEntry = {
  readonly names: readonly LocalizedText[]
  /** The office that founded it; empty for those of the genesis file. */
  readonly parent: string
  /** Record types that it may issue, and when. */
  readonly types: readonly OfficeType[]
  readonly createdHeight: bigint
  readonly endedHeight: bigint
}

const localizedText: Message<LocalizedText> = message({ language: string(1, 35), text: string(2, nameBytesMax) })
const officeType: Message<OfficeType> = message({ type: bytes(1, 32), fromHeight: uint64(2), endedHeight: uint64(3) })

export const officeEntry: Message<OfficeEntry> = message({
  names: repeated(1, localizedText, languagesMax),
  parent: string(2, officeIdLengthMax),
  types: repeated(3, officeType, officeTypesMax),
  createdHeight: uint64(4),
  endedHeight: uint64(5),
})

/** A person's post in an office. */
export type MandateEntry = {
  readonly office: string
  readonly account: Uint8Array
  readonly role: string
  readonly fromHeight: bigint
  /** The first height at which it no longer holds; 0 when it has no end. */
  readonly untilHeight: bigint
}

export const mandateEntry: Message<MandateEntry> = message({
  office: string(1, officeIdLengthMax),
  account: bytes(2, 32),
  role: string(3, roleNameLengthMax),
  fromHeight: uint64(4),
  untilHeight: uint64(5),
})

export const RecordStatus = { current: 1, suspended: 2, revoked: 3, replaced: 4, expired: 5 } as const

export type StatusChange = {
  readonly status: number
  readonly height: bigint
  readonly time: Timestamp
  /** The mandate acted under; empty when the issuer is an account. */
  readonly mandate: Uint8Array
  /** A code of the service file, never free text. */
  readonly reason: string
  /** Until when one may appeal. */
  readonly appealUntil: Timestamp | undefined
}

export type RecordEntry = {
  /** As the credential's `iss`. */
  readonly issuer: string
  readonly type: Uint8Array
  /** `land.title@1`: the version under which it was issued. */
  readonly service: string
  /** The mandate and key that issued it, judged at that height for ever (security rule 16). */
  readonly mandate: Uint8Array
  readonly account: Uint8Array
  readonly key: AccountKey
  /** First the issuing, then the newest changes; the last is the status now. */
  readonly changes: readonly StatusChange[]
  readonly validFrom: Timestamp | undefined
  readonly validUntil: Timestamp | undefined
  /** State keys of the records that follow and precede; empty when there is none. */
  readonly successor: Uint8Array
  readonly predecessor: Uint8Array
  /** The case whose steps change it, 32 bytes; empty where offices do so directly. */
  readonly case: Uint8Array
  /** The account whose record it is, where the service makes that public; else empty. */
  readonly holder: Uint8Array
}

const statusChange: Message<StatusChange> = message({
  status: uint32(1),
  height: uint64(2),
  time: always(3, timestamp),
  mandate: bytes(4, 32),
  reason: string(5, reasonLengthMax),
  appealUntil: optional(6, timestamp),
})

export const recordEntry: Message<RecordEntry> = message({
  issuer: string(1, 160),
  type: bytes(2, 32),
  service: string(3, serviceNameLengthMax),
  mandate: bytes(4, 32),
  account: bytes(5, 32),
  key: always(6, accountKeyMessage),
  changes: repeated(7, statusChange, statusChangesMax),
  validFrom: optional(8, timestamp),
  validUntil: optional(9, timestamp),
  successor: bytes(10, 32),
  predecessor: bytes(11, 32),
  case: bytes(12, 32),
  holder: bytes(13, 32),
})
