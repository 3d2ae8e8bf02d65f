// Who looked into a case. Each look of an official stands on the ledger for ever, with his office, his mandate and his reason, under a
// number that only those can reckon who have the case's secret: they list all looks into the case and know that none is missing;
// nobody else learns which case it was, or whose (docs/protocol/private.md, "Looks").

import { encodeUtf8, equals, formatBase64Url } from '../bytes.ts'
import { timestamp } from '../comet/block-id.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { hkdf } from '../crypto/hkdf.ts'
import { assert, check } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import {
  lookSecondsMax,
  looksPerCaseMax,
  lookTagsPerQuery,
  officeIdLengthMax,
  reasonLengthMax,
  serviceNameLengthMax,
  transitionNameLengthMax,
} from '../limits.ts'
import { always, bytes, type Message, message, string, uint64 } from '../protobuf.ts'
import { frame, taggedHash } from '../tags.ts'
import { compareTime, type Timestamp } from '../time.ts'
import type { CaseEntry } from './cases.ts'
import { lookKey } from './keys.ts'
import { checkOpening, type FieldOpening } from './private-fields.ts'

/** What the ledger keeps of a look. */
export type LookEntry = {
  /** With its version. */
  readonly service: string
  /** Which of the file's looks. */
  readonly look: string
  readonly office: string
  /** 32 bytes each. */
  readonly mandate: Uint8Array
  readonly account: Uint8Array
  /** A code of the file. */
  readonly reason: string
  readonly height: bigint
  readonly time: Timestamp
  /** To the case and the fields, 32 bytes. */
  readonly commitment: Uint8Array
}

export const lookEntry: Message<LookEntry> = message({
  service: string(1, serviceNameLengthMax),
  look: string(2, transitionNameLengthMax),
  office: string(3, officeIdLengthMax),
  mandate: bytes(4, 32),
  account: bytes(5, 32),
  reason: string(6, reasonLengthMax),
  height: uint64(7),
  time: always(8, timestamp),
  commitment: bytes(9, 32),
})

/** A case as its subject and its agency know it; `looks` are the service file's. */
export type LookedCase = {
  /** Of the case's secret (looksSecret). */
  readonly secret: Uint8Array
  readonly id: Uint8Array
  /** With the case's version. */
  readonly service: string
  readonly looks: Readonly<Record<string, { readonly fields: readonly string[] }>>
}

/** A look that the ledger proves. */
export type CaseLook = {
  /** The how-manieth into the case, from 0. */
  readonly place: number
  readonly entry: LookEntry
  /** Fields that it opened. */
  readonly fields: readonly string[]
  /** Whether it is what it says: this case, these fields, this mandate. One that is not was made by a named official all the same. */
  readonly isTrue: boolean
}

/** Values under keys, each proven, undefined where it is proven that there is none: `client.read`, or a node of one's own. */
export type ProvenRead = (keys: readonly Uint8Array[]) => Promise<readonly (Uint8Array | undefined)[]>

/** The part of a case's secret that looks hang on: who is given it can list them, and opens nothing. 32 bytes. */
export function looksSecret(hasher: Hasher, caseSecret: Uint8Array): Uint8Array {
  assert(caseSecret.length === 32, 'a case’s secret has 32 bytes')
  return hkdf(hasher, caseSecret, { info: frame('muniment/looks/1'), length: 32 })
}

/** The number of a look for all others: it tells nothing of the case, or of the case's other looks. 32 bytes. */
export function lookTag(hasher: Hasher, secret: Uint8Array, place: number): Uint8Array {
  return hkdf(hasher, secret, { info: frame('muniment/look/1', encodeUtf8(String(place))), length: 32 })
}

/**
 * Arguments of the transaction that makes a look; its step is the look's name, its service the case's. `place` is the first that is
 * still free (listLooks): where two look at once, the ledger takes one and answers the other `exists`, who lists and signs again.
 */
export function lookArguments(
  hasher: Hasher,
  looked: LookedCase,
  given: { readonly place: number; readonly look: string; readonly mandate: Uint8Array; readonly reason: string },
): JsonObject {
  return {
    look: formatBase64Url(lookTag(hasher, looked.secret, given.place)),
    commitment: formatBase64Url(commitmentOf(hasher, looked, given)),
    reason: given.reason,
  }
}

/** To all that the entry does not say for itself, under a salt that only the case's secret gives. */
function commitmentOf(
  hasher: Hasher,
  { secret, id, service, looks }: LookedCase,
  given: { readonly place: number; readonly look: string; readonly mandate: Uint8Array; readonly reason: string },
): Uint8Array {
  const { place, look, mandate, reason } = given
  const info = frame('muniment/look-salt/1', encodeUtf8(String(place)))
  const salt = hkdf(hasher, secret, { info, length: 32 })
  const fields = (looks[look]?.fields ?? []).map(encodeUtf8)
  const said = [encodeUtf8(service), encodeUtf8(look), mandate, encodeUtf8(reason)]
  return taggedHash(hasher, 'muniment/look-commitment/1', salt, id, ...said, ...fields)
}

/**
 * Every look into the case, in order. That there is none behind the last is proven too, at the height of the last reading. Throws
 * VerifyError: what `read` throws, or for what is no look.
 */
export async function listLooks(read: ProvenRead, hasher: Hasher, looked: LookedCase): Promise<readonly CaseLook[]> {
  const found: CaseLook[] = []
  while (found.length < looksPerCaseMax) {
    const places = Array.from({ length: lookTagsPerQuery }, (_, more) => found.length + more)
    const values = await read(places.map(place => lookKey(hasher, lookTag(hasher, looked.secret, place))))
    for (const [more, place] of places.entries()) {
      const value = values[more]
      if (!value) return found
      const entry = lookEntry.decode(value)
      const isSame = entry.service === looked.service && Object.hasOwn(looked.looks, entry.look)
      const isTrue = isSame && equals(commitmentOf(hasher, looked, { ...entry, place }), entry.commitment)
      found.push({ place, entry, fields: looked.looks[entry.look]?.fields ?? [], isTrue })
    }
  }
  check(false, 'oversized', 'more looks into a case than there may be')
}

/**
 * What an agency's store hands an official: the openings of the fields that his look named, and of no other. Only where the look is
 * proven to stand among all looks into the case, with none left out before it; is his own; is no older than a day; and is into no case
 * of his own. Throws VerifyError `refused` otherwise, and `disclosure-bad` for an opening that is not the case's.
 */
export async function openForLook(
  read: ProvenRead,
  hasher: Hasher,
  asked: {
    readonly looked: LookedCase
    readonly place: number
    /** Who asks, by the store's own login. */
    readonly mandate: Uint8Array
    /** The case, proven, and its openings as they are kept. */
    readonly entry: CaseEntry
    readonly openings: readonly FieldOpening[]
    readonly now: Timestamp
  },
): Promise<readonly FieldOpening[]> {
  const { looked, place, mandate, entry, openings, now } = asked
  const look = (await listLooks(read, hasher, looked))[place]
  check(look, 'refused', 'the look is not on the ledger, or one before it is missing')
  check(look.isTrue, 'refused', 'the look is into something else')
  check(equals(look.entry.mandate, mandate), 'refused', 'another official looked')
  const until = { ...look.entry.time, seconds: look.entry.time.seconds + BigInt(lookSecondsMax) }
  check(compareTime(now, until) < 0, 'refused', 'the look was too long ago: look again')
  check(!entry.shreddedTime, 'refused', 'what opened the case is destroyed')
  const isParty = entry.parties.some(({ account }) => equals(account, look.entry.account))
  check(!isParty, 'refused', 'an official does not look into a case of his own')
  const names = openings.map(({ name }) => name)
  return openings.filter(opening => {
    checkOpening(hasher, opening, { root: entry.committed, names })
    return look.fields.includes(opening.name)
  })
}
