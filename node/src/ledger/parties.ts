// The module Parties: who. Accounts with their keys, offices, and the mandates by which a person acts for an office.

import {
  type AccountEntry,
  type AccountKey,
  accountId,
  encodeUtf8,
  equals,
  type HeldKey,
  isIdentityKey,
  isSigningOrigin,
  type JsonObject,
  type LocalizedText,
  limits,
  mandateId,
  type OfficeEntry,
  type Passkey,
  type ReadAssertion,
  ResultCode,
  readLocalized,
  typeHash,
} from '@muniment/sdk'
import { bytesArgument, checkNames, integerArgument, keyArgument, refuseBad, textArgument } from './arguments.ts'
import { countRoster } from './counters.ts'
import { joinRoster, setAbsent } from './roster.ts'
import { type Act, require } from './rules.ts'
import {
  getAccount,
  getIdentityOrigins,
  getMandate,
  getOffice,
  putAccount,
  putIdentityOrigins,
  putMandate,
  putOffice,
  type State,
} from './state.ts'

export const officePattern: RegExp = /^[a-z0-9][a-z0-9.-]{0,63}$/
export const postPattern: RegExp = /^[a-z][A-Za-z0-9-]{0,39}$/
/** A host name, as WebAuthn's ids of relying parties are. */
const relyingPartyPattern = /^[a-z0-9.-]{1,253}$/
const reasonPattern = /^[a-z][a-z0-9-]{0,63}$/
const typePattern = /^[\x21-\x7e]{1,200}$/

/** args: office, names. The new office stands under the acting one. */
export function foundOffice(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['office', 'names'])
  const office = textArgument(args, 'office', officePattern)
  const names = refuseBad('names', () => localizedTexts(args.names))
  require(act.office !== undefined, ResultCode.notAllowed, 'only an office founds offices')
  require(!getOffice(act.state, office), ResultCode.exists, 'this office exists')
  putOffice(act.state, office, {
    names,
    parent: act.office,
    types: [],
    createdHeight: act.block.height,
    endedHeight: 0n,
  })
  return new Uint8Array(0)
}

/** args: office, type. From this block on the office may issue records of the type. */
export function entitleOffice(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['office', 'type'])
  const office = textArgument(args, 'office', officePattern)
  const entry = subordinate(act, office)
  const type = typeHash(act.state.hasher, textArgument(args, 'type', typePattern))
  const holds = entry.types.some(each => equals(each.type, type) && each.endedHeight === 0n)
  require(!holds, ResultCode.exists, 'the office may issue this type already')
  require(entry.types.length < limits.officeTypesMax, ResultCode.quota, 'the office has too many types')
  putOffice(act.state, office, {
    ...entry,
    types: [...entry.types, { type, fromHeight: act.block.height, endedHeight: 0n }],
  })
  return type
}

/** args: office, account, post, and optionally untilHeight. Nobody appoints himself. Answers the mandate's id. */
export function appoint(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['office', 'account', 'post', 'untilHeight'])
  const office = textArgument(args, 'office', officePattern)
  subordinate(act, office)
  const account = bytesArgument(args, 'account', 32)
  const self = act.body.signers.some(signer => equals(signer.account, account))
  require(!self, ResultCode.notAllowed, 'nobody appoints himself')
  require(getAccount(act.state, account), ResultCode.notFound, 'there is no such account')
  const untilHeight = integerArgument(args, 'untilHeight')
  require(untilHeight === 0n ||
    untilHeight > act.block.height, ResultCode.badArguments, 'the mandate would end before it begins')
  const id = mandateId(act.state.hasher, office, account, act.transactionId)
  const post = textArgument(args, 'post', postPattern)
  const { height } = act.block
  putMandate(act.state, id, { office, account, role: post, fromHeight: height, untilHeight })
  joinRoster(act.state, { office, post }, { mandate: id, height })
  return id
}

/** args: mandate. It ends with this block: the next one refuses it. What was done under it stays good. */
export function dismiss(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['mandate'])
  const id = bytesArgument(args, 'mandate', 32)
  const mandate = getMandate(act.state, id)
  require(mandate, ResultCode.notFound, 'there is no such mandate')
  subordinate(act, mandate.office)
  const open = mandate.untilHeight === 0n || mandate.untilHeight > act.block.height + 1n
  require(open, ResultCode.wrongState, 'the mandate has ended')
  putMandate(act.state, id, { ...mandate, untilHeight: act.block.height + 1n })
  return id
}

/**
 * args: mandate, absent, reason. Who is absent is given no new cases; the act and its reason stay for everyone to see, and it is counted
 * by office and month: an office where twenty-nine of thirty are ill shows it.
 */
export function markAbsent(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['mandate', 'absent', 'reason'])
  const id = bytesArgument(args, 'mandate', 32)
  const mandate = getMandate(act.state, id)
  require(mandate, ResultCode.notFound, 'there is no such mandate')
  subordinate(act, mandate.office)
  textArgument(args, 'reason', reasonPattern)
  require(typeof args.absent === 'boolean', ResultCode.badArguments, 'absent: true or false')
  const { office } = mandate
  setAbsent(act.state, { office, post: mandate.role }, { mandate: id, isAbsent: args.absent })
  countRoster(act.state, { service: act.service.id, office, time: act.block.time, isAbsent: args.absent })
  return id
}

/**
 * args: algorithm, key; for a passkey also rpId and origins, those pages that may ask it; for another key that signs weighty acts
 * identity. One more key for the sender's own account. A key that can sign weighty acts is added only by one that can: else
 * any page on which a person signs could take the account.
 */
export function addKey(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, newKeyNames)
  const added = newKeyArgument(act, args)
  const { key } = added
  const { id, account } = ownAccount(act)
  const isWeighty = isIdentityKey({ ...added, fromHeight: 0n, endedHeight: 0n }, getIdentityOrigins(act.state))
  require(act.isIdentity || !isWeighty, ResultCode.notAllowed, 'such a key is added on an identity page only')
  require(!account.keys.some(held => sameKey(held.key, key)), ResultCode.exists, 'the account has had this key')
  require(account.keys.length < limits.accountKeysMax, ResultCode.quota, 'the account has too many keys')
  putAccount(act.state, id, {
    ...account,
    keys: [...account.keys, { ...added, fromHeight: act.block.height, endedHeight: 0n }],
  })
  return id
}

/** args: algorithm, key. The key no longer signs; the last one can't be ended. */
export function endKey(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['algorithm', 'key'])
  const key = keyArgument(args)
  const { id, account } = ownAccount(act)
  const holding = account.keys.filter(held => held.endedHeight === 0n)
  require(holding.some(held => sameKey(held.key, key)), ResultCode.notFound, 'the account has no such key')
  require(holding.length > 1, ResultCode.notAllowed, 'the last key of an account stays')
  const keys = account.keys.map(held => (sameKey(held.key, key) ? { ...held, endedHeight: act.block.height } : held))
  putAccount(act.state, id, { ...account, keys })
  return id
}

/** args: origins. Where the network's people sign weighty acts from now on; the first is where other pages send them. */
export function setIdentityOrigins(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['origins'])
  require(act.office !== undefined, ResultCode.notAllowed, 'only an office names identity pages')
  putIdentityOrigins(act.state, originsArgument(args, limits.identityOriginsMax))
  return new Uint8Array(0)
}

/** No args. Uses up its nonce and does nothing else: what was signed with that nonce and not handed in yet is void. */
export function cancelNonce(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, [])
  return ownAccount(act).id
}

export function sameKey(left: AccountKey, right: AccountKey): boolean {
  return left.algorithm === right.algorithm && equals(left.bytes, right.bytes)
}

/**
 * A key as its first signature brings it. A passkey is then the page's that asked for this signature: no other page may ask it
 * until the account says so.
 */
export function firstKey(key: AccountKey, height: bigint, assertion: ReadAssertion | undefined): HeldKey {
  const passkey = assertion && { rpIdHash: assertion.rpIdHash, origins: [assertion.origin] }
  return { key, fromHeight: height, endedHeight: 0n, passkey, isIdentity: false }
}

/** Whether a signature was made as the account says that this key signs. */
export function maySign({ passkey }: HeldKey, assertion: ReadAssertion | undefined): boolean {
  if (!passkey || !assertion) return passkey === undefined && assertion === undefined
  return equals(passkey.rpIdHash, assertion.rpIdHash) && passkey.origins.includes(assertion.origin)
}

/** An account as its first key's transaction, or the genesis file, makes it. */
export function newAccount(key: HeldKey): AccountEntry {
  return {
    keys: [key],
    nonceFloor: 0n,
    nonceBits: 0n,
    createdHeight: key.fromHeight,
    guardians: undefined,
    recovery: undefined,
    delegationsEndedHeight: 0n,
    actsDay: 0n,
    actsCount: 0n,
  }
}

/** The account under an id, also when it has not been written yet: its id is then the hash of the key at hand. */
export function accountOf(state: State, id: Uint8Array, first: HeldKey): AccountEntry | undefined {
  const stored = getAccount(state, id)
  if (stored) return stored
  return equals(accountId(state.hasher, first.key), id) ? newAccount(first) : undefined
}

export function localizedTexts(value: JsonObject[string] | undefined): readonly LocalizedText[] {
  return Object.entries(readLocalized(value)).map(([language, text]) => ({ language, text }))
}

/** The sender's, for what nobody else may do for him. */
export function ownAccount(act: Act): { readonly id: Uint8Array; readonly account: AccountEntry } {
  const id = act.body.signers[0]!.account
  const account = getAccount(act.state, id)
  require(account && act.office === undefined, ResultCode.notAllowed, 'keys are the account holder’s own matter')
  return { id, account }
}

/** An office that the acting one founded, or the acting one itself where it stands at the top. */
function subordinate(act: Act, office: string): OfficeEntry {
  const entry = getOffice(act.state, office)
  require(entry && entry.endedHeight === 0n, ResultCode.notFound, 'there is no such office')
  const top = entry.parent === '' && office === act.office
  require(entry.parent === act.office || top, ResultCode.notAllowed, 'the office does not stand under the acting one')
  return entry
}

/** Of a key that is brought into an account. */
export const newKeyNames: readonly string[] = ['algorithm', 'key', 'rpId', 'origins', 'identity']

export function newKeyArgument(act: Act, args: JsonObject): Pick<HeldKey, 'key' | 'passkey' | 'isIdentity'> {
  const { identity } = args
  const passkey = passkeyArgument(act, args)
  const fits = identity === undefined || (identity === true && !passkey)
  require(fits, ResultCode.badArguments, 'identity: true, of a key that is no passkey')
  return { key: keyArgument(args), passkey, isIdentity: identity === true }
}

/** Of a passkey; undefined for any other key. */
function passkeyArgument(act: Act, args: JsonObject): Passkey | undefined {
  if (args.rpId === undefined && args.origins === undefined) return undefined
  const rpId = textArgument(args, 'rpId', relyingPartyPattern)
  const origins = originsArgument(args, limits.keyOriginsMax)
  return { rpIdHash: act.state.hasher.sha256(encodeUtf8(rpId)), origins }
}

function originsArgument({ origins }: JsonObject, countMax: number): readonly string[] {
  const named = Array.isArray(origins) && origins.length >= 1 && origins.length <= countMax
  require(named && new Set(origins).size === origins.length, ResultCode.badArguments, 'origins: a list of pages')
  return origins.map(origin => {
    require(typeof origin === 'string' && isSigningOrigin(origin), ResultCode.badArguments, 'origins: not a page')
    return origin
  })
}
