// The module Parties: who. Accounts with their keys, offices, and the mandates by which a person acts for an office.

import {
  type AccountEntry,
  type AccountKey,
  accountId,
  equals,
  type JsonObject,
  type LocalizedText,
  limits,
  mandateId,
  type OfficeEntry,
  ResultCode,
  readLocalized,
  typeHash,
} from '@muniment/sdk'
import { bytesArgument, checkNames, integerArgument, refuseBad, textArgument } from './arguments.ts'
import { type Act, require } from './rules.ts'
import { getAccount, getMandate, getOffice, putAccount, putMandate, putOffice, type State } from './state.ts'

export const officePattern: RegExp = /^[a-z0-9][a-z0-9.-]{0,63}$/
export const postPattern: RegExp = /^[a-z][A-Za-z0-9-]{0,39}$/
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
  putMandate(act.state, id, {
    office,
    account,
    role: textArgument(args, 'post', postPattern),
    fromHeight: act.block.height,
    untilHeight,
  })
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

/** args: algorithm, key. One more key for the sender's own account. */
export function addKey(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['algorithm', 'key'])
  const key = keyArgument(args)
  const { id, account } = ownAccount(act)
  require(!account.keys.some(held => sameKey(held.key, key)), ResultCode.exists, 'the account has had this key')
  require(account.keys.length < limits.accountKeysMax, ResultCode.quota, 'the account has too many keys')
  putAccount(act.state, id, {
    ...account,
    keys: [...account.keys, { key, fromHeight: act.block.height, endedHeight: 0n }],
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

export function sameKey(left: AccountKey, right: AccountKey): boolean {
  return left.algorithm === right.algorithm && equals(left.bytes, right.bytes)
}

/** An account as its first key's transaction, or the genesis file, makes it. */
export function newAccount(key: AccountKey, height: bigint): AccountEntry {
  return { keys: [{ key, fromHeight: height, endedHeight: 0n }], nonceFloor: 0n, nonceBits: 0n, createdHeight: height }
}

/** The account under an id, also when it has not been written yet: its id is then the hash of the key at hand. */
export function accountOf(state: State, id: Uint8Array, key: AccountKey, height: bigint): AccountEntry | undefined {
  const stored = getAccount(state, id)
  if (stored) return stored
  return equals(accountId(state.hasher, key), id) ? newAccount(key, height) : undefined
}

export function localizedTexts(value: JsonObject[string] | undefined): readonly LocalizedText[] {
  return Object.entries(readLocalized(value)).map(([language, text]) => ({ language, text }))
}

function ownAccount(act: Act): { readonly id: Uint8Array; readonly account: AccountEntry } {
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

function keyArgument(args: JsonObject): AccountKey {
  const algorithm = Number(integerArgument(args, 'algorithm'))
  const length = algorithm === 1 ? 32 : 33
  require(algorithm === 1 || algorithm === 2, ResultCode.badArguments, 'unknown key algorithm')
  return { algorithm, bytes: bytesArgument(args, 'key', length) }
}
