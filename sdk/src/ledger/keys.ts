// Where things stand in the state tree. Every key is a tagged hash, so that nobody can make two things meet under one key
// (security rules 15 and 17).

import { concat, encodeUtf8, formatHex, parseHex } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { taggedHash } from '../tags.ts'
import type { AccountKey } from './entries.ts'

/** The genesis leaf: what the chain is. It makes sure that the tree is never empty (security rule 21). */
export function chainKey(hasher: Hasher): Uint8Array {
  return taggedHash(hasher, 'muniment/key/chain/1')
}

/** What validators did against the rules, as blocks' evidence tells it. */
export function misbehaviorKey(hasher: Hasher): Uint8Array {
  return taggedHash(hasher, 'muniment/key/misbehavior/1')
}

/** On which pages weighty acts are signed. */
export function identityKey(hasher: Hasher): Uint8Array {
  return taggedHash(hasher, 'muniment/key/identity/1')
}

/** What became of a request to sign; `request` is its hash. */
export function requestKey(hasher: Hasher, request: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/request/1', request)
}

/** A record under its issuer: whoever copies a commitment can't register it in another's name. */
export function recordKey(hasher: Hasher, issuer: string, commitment: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/record/1', encodeUtf8(issuer), commitment)
}

export function accountKey(hasher: Hasher, account: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/account/1', account)
}

export function officeKey(hasher: Hasher, office: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/office/1', encodeUtf8(office))
}

export function mandateKey(hasher: Hasher, mandate: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/mandate/1', mandate)
}

export function delegationKey(hasher: Hasher, delegation: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/delegation/1', delegation)
}

/** `service` with its version, as `land.title@1`. */
export function serviceKey(hasher: Hasher, service: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/service/1', encodeUtf8(service))
}

/** That a service takes no new cases any more; the value is the height since when, 8 bytes. */
export function closedServiceKey(hasher: Hasher, service: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/closed-service/1', encodeUtf8(service))
}

/** A case's id: it follows from the transaction that opened it, and from nothing about a person. 32 bytes. */
export function caseId(hasher: Hasher, transactionId: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/case/1', transactionId)
}

export function caseKey(hasher: Hasher, id: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/case/1', id)
}

export function obligationKey(hasher: Hasher, id: Uint8Array, name: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/obligation/1', id, encodeUtf8(name))
}

/** Of one creditor; `receipt` is the number that its own books give a payment. */
export function receiptKey(hasher: Hasher, creditor: string, receipt: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/receipt/1', encodeUtf8(creditor), encodeUtf8(receipt))
}

/** `family` is a service's name without its version: a new version does not open the door to a second claim. */
export function uniqueKey(
  hasher: Hasher,
  family: string,
  { name, tag }: { name: string; tag: Uint8Array },
): Uint8Array {
  return taggedHash(hasher, 'muniment/key/unique/1', encodeUtf8(family), encodeUtf8(name), tag)
}

/** `fact` as `civil.death/register`. */
export function listenersKey(hasher: Hasher, fact: string, tag: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/listeners/1', encodeUtf8(fact), tag)
}

export function rosterKey(hasher: Hasher, office: string, post: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/roster/1', encodeUtf8(office), encodeUtf8(post))
}

/** Of all clocks together. */
export function timersKey(hasher: Hasher): Uint8Array {
  return taggedHash(hasher, 'muniment/key/timers/1')
}

/** Ids of cases whose clocks run out within one stretch of time, 32 bytes each, one behind the other. */
export function timerChunkKey(hasher: Hasher, bucket: bigint, chunk: bigint): Uint8Array {
  return taggedHash(hasher, 'muniment/key/timer-chunk/1', int64(bucket), int64(chunk))
}

/** That a day has clocks at all: what is empty is passed over quickly. */
export function timerDayKey(hasher: Hasher, day: bigint): Uint8Array {
  return taggedHash(hasher, 'muniment/key/timer-day/1', int64(day))
}

/** How many clocks a stretch of time has, 8 bytes. */
export function timerCountKey(hasher: Hasher, bucket: bigint): Uint8Array {
  return taggedHash(hasher, 'muniment/key/timer-count/1', int64(bucket))
}

/** Public counters of a service in one month (`2026-11`), of one office, or `-` for all that no office did. */
export function countersKey(
  hasher: Hasher,
  { service, office, month, apart }: { service: string; office: string; month: string; apart: string },
): Uint8Array {
  const parts = [service, office, month, apart].map(encodeUtf8)
  return taggedHash(hasher, 'muniment/key/counters/1', ...parts)
}

/** How often two officials, by their mandates, checked each other in one month, in the cases of one office; 8 bytes, big endian. */
export function pairKey(
  hasher: Hasher,
  { service, office, month }: { service: string; office: string; month: string },
  mandates: readonly [Uint8Array, Uint8Array],
): Uint8Array {
  return taggedHash(hasher, 'muniment/key/pair/1', ...[service, office, month].map(encodeUtf8), ...mandates)
}

/** That an official looked into a case: `tag` tells whoever knows the case's secret which one, and nobody else (looks.ts). */
export function lookKey(hasher: Hasher, tag: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/look/1', tag)
}

/** The hash of a type's name, which is all of it that a record's value shows; 32 bytes. */
export function typeHash(hasher: Hasher, type: string): Uint8Array {
  return taggedHash(hasher, 'muniment/type/1', encodeUtf8(type))
}

/** An account's id is the hash of its first key; keys added later don't change it. 32 bytes. */
export function accountId(hasher: Hasher, key: AccountKey): Uint8Array {
  return taggedHash(hasher, 'muniment/account/1', new Uint8Array([key.algorithm]), key.bytes)
}

/** A mandate's id: the office, the person, and the transaction that gave it. 32 bytes. */
export function mandateId(hasher: Hasher, office: string, account: Uint8Array, transactionId: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/mandate/1', encodeUtf8(office), account, transactionId)
}

/** A delegation's id: who gave it to whom, and in which transaction. 32 bytes. */
export function delegationId(
  hasher: Hasher,
  given: { readonly from: Uint8Array; readonly to: Uint8Array; readonly transactionId: Uint8Array },
): Uint8Array {
  return taggedHash(hasher, 'muniment/delegation/1', given.from, given.to, given.transactionId)
}

/** Who issues: an office, or a person's account for declarations of one's own. */
export type Issuer =
  | { readonly kind: 'office'; readonly chainId: string; readonly office: string }
  | { readonly kind: 'account'; readonly chainId: string; readonly account: Uint8Array }

/** The issuer's name as a credential's `iss` says it. */
export function formatIssuer(issuer: Issuer): string {
  const id = issuer.kind === 'office' ? issuer.office : formatHex(issuer.account)
  return `urn:muniment:${issuer.chainId}:${issuer.kind}:${id}`
}

const issuerPattern =
  /^urn:muniment:([A-Za-z0-9._-]{1,50}):(?:office:([a-z0-9][a-z0-9.-]{0,63})|account:([0-9a-f]{64}))$/

/** Throws VerifyError `malformed`; one issuer has one spelling. */
export function parseIssuer(text: string): Issuer {
  const match = issuerPattern.exec(text)
  check(match, 'malformed', 'not the name of an office or an account', { actual: text.slice(0, 80) })
  const chainId = match[1]!
  if (match[2] !== undefined) return { kind: 'office', chainId, office: match[2] }
  return { kind: 'account', chainId, account: parseHex(match[3]!) }
}

/**
 * The hash that names a chain beyond its id (security rule 24): the genesis file's parts that the state machine is given.
 * `validatorsHash` and `consensusHash` are CometBFT's; `appState` is canonical JSON.
 */
export function genesisHash(
  hasher: Hasher,
  genesis: {
    readonly chainId: string
    readonly time: { readonly seconds: bigint; readonly nanos: number }
    readonly initialHeight: bigint
    readonly validatorsHash: Uint8Array
    readonly consensusHash: Uint8Array
    readonly appState: Uint8Array
  },
): Uint8Array {
  return taggedHash(
    hasher,
    'muniment/genesis/1',
    encodeUtf8(genesis.chainId),
    concat(int64(genesis.time.seconds), int64(BigInt(genesis.time.nanos))),
    int64(genesis.initialHeight),
    genesis.validatorsHash,
    genesis.consensusHash,
    hasher.sha256(genesis.appState),
  )
}

function int64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes
}
