// The module Parties: who controls an account. Its own keys do; when they are lost, its guardians or two officials give it a new
// one, after a delay in which any key that was not lost says no. And whom an account lets act for it, in what, and until when.

import {
  addSeconds,
  compareTime,
  delegationId,
  equals,
  formatHex,
  type JsonObject,
  limits,
  parseBase64Url,
  ResultCode,
} from '@muniment/sdk'
import { bytesArgument, checkNames, integerArgument, refuseBad, timeArgument } from './arguments.ts'
import { newKeyArgument, newKeyNames, ownAccount, sameKey } from './parties.ts'
import { type Act, require } from './rules.ts'
import { getAccount, getDelegation, putAccount, putDelegation } from './state.ts'

const nothing = new Uint8Array(0)
const scopePattern = /^[a-z][a-z0-9.-]*@[1-9][0-9]{0,5}(?:\/[a-z][A-Za-z0-9]*)?$/

/** args: guardians (accounts; none: there are none any more), threshold. */
export function setGuardians(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['guardians', 'threshold'])
  const { id, account } = ownAccount(act)
  const accounts = accountsArgument(args.guardians)
  const threshold = Number(integerArgument(args, 'threshold'))
  const others = accounts.every(each => !equals(each, id))
  require(others, ResultCode.badArguments, 'nobody is his own guardian')
  const fits = accounts.length === 0 ? threshold === 0 : threshold >= 1 && threshold <= accounts.length
  require(fits, ResultCode.badArguments, 'threshold: not a number of these guardians')
  putAccount(act.state, id, { ...account, guardians: accounts.length === 0 ? undefined : { threshold, accounts } })
  return id
}

/** args: account, and the new key as for addKey. Signed by as many of the account's guardians as it asks for. */
export function recover(act: Act, args: JsonObject): Uint8Array {
  require(act.office === undefined, ResultCode.notAllowed, 'guardians act for themselves')
  const guardians = getAccount(act.state, bytesArgument(args, 'account', 32))?.guardians
  require(guardians, ResultCode.notFound, 'there is no such account, or it has no guardians')
  const { signers } = act.body
  const isGuardian = (signer: (typeof signers)[number]): boolean =>
    guardians.accounts.some(each => equals(each, signer.account))
  require(signers.every(isGuardian), ResultCode.notAllowed, 'only guardians recover an account')
  require(signers.length >= guardians.threshold, ResultCode.notAllowed, 'too few of the guardians sign')
  return beginRecovery(act, args, '')
}

/** args: as recover's. Signed by two officials of one office; the service file says of which. */
export function recoverInPerson(act: Act, args: JsonObject): Uint8Array {
  const { office, body } = act
  require(office !== undefined, ResultCode.notAllowed, 'only officials recover an account in person')
  require(body.signers.length >= 2, ResultCode.notAllowed, 'it takes two officials')
  const account = bytesArgument(args, 'account', 32)
  const others = body.signers.every(signer => !equals(signer.account, account))
  require(others, ResultCode.notAllowed, 'no official recovers his own account')
  return beginRecovery(act, args, office)
}

/** args: account. Signed with the new key, when the delay is over; every other key ends. */
export function finishRecovery(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['account'])
  const id = bytesArgument(args, 'account', 32)
  const account = getAccount(act.state, id)
  const recovery = account?.recovery
  require(account && recovery, ResultCode.notFound, 'no recovery is under way')
  const { key, scheme } = act.signatures[0]!
  const isHolder = sameKey(key, recovery.key) && (scheme === 2) === (recovery.passkey !== undefined)
  require(isHolder && act.office === undefined, ResultCode.notAllowed, 'the new key finishes its recovery')
  const isReady = compareTime(act.block.time, recovery.readyTime) >= 0
  require(isReady, ResultCode.wrongState, 'the delay is not over yet')
  const { height } = act.block
  const ended = account.keys
    .map(held => (held.endedHeight === 0n ? { ...held, endedHeight: height } : held))
    .slice(-limits.recoveredKeysKeptMax)
  putAccount(act.state, id, {
    ...account,
    keys: [
      ...ended,
      { key, fromHeight: height, endedHeight: 0n, passkey: recovery.passkey, isIdentity: recovery.isIdentity },
    ],
    recovery: undefined,
    // Whoever held the lost keys may have named guardians of his own: officials, who saw the person, end those too.
    guardians: recovery.office === '' ? account.guardians : undefined,
    delegationsEndedHeight: height,
  })
  return id
}

/** No args. By any key of the account. */
export function cancelRecovery(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, [])
  const { id, account } = ownAccount(act)
  require(account.recovery, ResultCode.wrongState, 'no recovery is under way')
  putAccount(act.state, id, { ...account, recovery: undefined })
  return id
}

/** args: to (an account), scope (services, or steps of one), until (a time). Answers the delegation's id. */
export function delegate(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['to', 'scope', 'until'])
  const { id: from } = ownAccount(act)
  const to = bytesArgument(args, 'to', 32)
  require(!equals(from, to), ResultCode.badArguments, 'nobody acts for himself by delegation')
  const untilTime = timeArgument(args, 'until')
  const isLater = untilTime !== undefined && compareTime(untilTime, act.block.time) > 0
  require(isLater, ResultCode.badArguments, 'until: a delegation ends at a time to come')
  const id = delegationId(act.state.hasher, { from, to, transactionId: act.transactionId })
  const { height: fromHeight } = act.block
  putDelegation(act.state, id, { from, to, scope: scopeArgument(args.scope), fromHeight, untilTime, endedHeight: 0n })
  return id
}

/** args: delegation. By whoever gave it, or whoever has it. */
export function endDelegation(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['delegation'])
  const { id } = ownAccount(act)
  const delegation = bytesArgument(args, 'delegation', 32)
  const entry = getDelegation(act.state, delegation)
  require(entry && (equals(entry.from, id) || equals(entry.to, id)), ResultCode.notFound, 'there is no such delegation')
  require(entry.endedHeight === 0n, ResultCode.wrongState, 'the delegation has ended')
  putDelegation(act.state, delegation, { ...entry, endedHeight: act.block.height })
  return delegation
}

/** The account for which a delegate acts in this step; refused where the delegation does not hold for it. */
export function principalOf(
  act: Pick<Act, 'state' | 'block' | 'body' | 'service'>,
  signer: { readonly account: Uint8Array; readonly delegation: Uint8Array },
): Uint8Array {
  const { state, block, body, service } = act
  const entry = getDelegation(state, signer.delegation)
  require(entry && equals(entry.to, signer.account), ResultCode.notAllowed, 'the signer has no such delegation')
  const isOpen = entry.endedHeight === 0n && compareTime(block.time, entry.untilTime) < 0
  const principal = getAccount(state, entry.from)
  const isGiven = principal !== undefined && entry.fromHeight > principal.delegationsEndedHeight
  require(isOpen && isGiven, ResultCode.notAllowed, 'the delegation has ended')
  const covers = [service.id, `${service.id}/${body.transition}`].some(name => entry.scope.includes(name))
  require(covers, ResultCode.notAllowed, 'the delegation does not cover this step')
  const { operation } = service.transitions[body.transition]!
  require(!operation.startsWith('parties.'), ResultCode.notAllowed, 'keys and delegations are nobody else’s matter')
  return entry.from
}

function beginRecovery(act: Act, args: JsonObject, office: string): Uint8Array {
  checkNames(args, ['account', ...newKeyNames])
  const id = bytesArgument(args, 'account', 32)
  const account = getAccount(act.state, id)
  require(account, ResultCode.notFound, 'there is no such account')
  require(!account.recovery, ResultCode.wrongState, 'a recovery is under way')
  const added = newKeyArgument(act, args)
  require(!account.keys.some(held => sameKey(held.key, added.key)), ResultCode.exists, 'the account has had this key')
  const { delaySeconds } = act.service.transitions[act.body.transition]!
  const recovery = {
    ...added,
    startedHeight: act.block.height,
    readyTime: addSeconds(act.block.time, delaySeconds),
    office,
  }
  putAccount(act.state, id, { ...account, recovery })
  return id
}

function accountsArgument(value: JsonObject[string] | undefined): readonly Uint8Array[] {
  const isList = Array.isArray(value) && value.length <= limits.guardiansMax
  require(isList, ResultCode.badArguments, `guardians: a list of at most ${limits.guardiansMax} accounts`)
  const accounts = value.map(text => {
    const bytes = typeof text === 'string' ? refuseBad('guardians', () => parseBase64Url(text)) : nothing
    require(bytes.length === 32, ResultCode.badArguments, 'guardians: an account id has 32 bytes')
    return bytes
  })
  const isSet = new Set(accounts.map(formatHex)).size === accounts.length
  require(isSet, ResultCode.badArguments, 'guardians: an account stands twice')
  return accounts
}

function scopeArgument(value: JsonObject[string] | undefined): readonly string[] {
  const isList = Array.isArray(value) && value.length >= 1 && value.length <= limits.delegationScopeMax
  require(isList, ResultCode.badArguments, 'scope: a list of services, or of their steps')
  const scope = value.map(text => {
    const fits = typeof text === 'string' && text.length <= limits.scopeLengthMax && scopePattern.test(text)
    require(fits, ResultCode.badArguments, 'scope: not a service or a step of one')
    return text
  })
  require(new Set(scope).size === scope.length, ResultCode.badArguments, 'scope: a step stands twice')
  return scope
}
