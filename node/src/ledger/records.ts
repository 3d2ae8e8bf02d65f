// The module Records: what is attested. A record is never deleted; its status and successor change, and both stay provable.

import {
  type AccountKey,
  compareTime,
  empty,
  equals,
  formatIssuer,
  isObject,
  type JsonObject,
  limits,
  type RecordEntry,
  RecordStatus,
  ResultCode,
  recordKey,
  SignatureScheme,
  type StatusChange,
  typeHash,
} from '@muniment/sdk'
import { bytesArgument, checkNames, keyArgument, textArgument, timeArgument } from './arguments.ts'
import { type Act, require } from './rules.ts'
import { getOffice, getRecord, getRequest, putRecord, putRequest } from './state.ts'

const reasonPattern = /^[a-z][a-z0-9-]{0,63}$/

/**
 * args: commitment, and where the record has them validFrom, validUntil; of a passkey also documentKey; and request, with documentKey,
 * where it answers one. Answers the record's state key.
 */
export function issueRecord(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['commitment', 'validFrom', 'validUntil', 'documentKey', 'request'])
  const key = enter(act, args, {})
  if (args.request !== undefined) answerRequest(act, bytesArgument(args, 'request', 32), key)
  return key
}

/** args: replaces (the old record's commitment), and those of issueRecord. Both records change in one step or neither. */
export function replaceRecord(act: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['commitment', 'validFrom', 'validUntil', 'documentKey', 'replaces'])
  const { key, record } = ownRecord(act, bytesArgument(args, 'replaces', 32))
  require(statusOf(record) === RecordStatus.current, ResultCode.wrongState, 'only a record in force can be replaced')
  const successor = enter(act, args, { predecessor: key })
  const change = { status: RecordStatus.replaced, reason: 'replaced' }
  putRecord(act.state, key, { ...withStatus(causeOf(act), record, change), successor })
  return successor
}

export function suspendRecord(act: Act, args: JsonObject): Uint8Array {
  return changeStatus(act, args, { from: [RecordStatus.current], to: RecordStatus.suspended })
}

export function resumeRecord(act: Act, args: JsonObject): Uint8Array {
  return changeStatus(act, args, { from: [RecordStatus.suspended], to: RecordStatus.current })
}

export function revokeRecord(act: Act, args: JsonObject): Uint8Array {
  return changeStatus(act, args, { from: [RecordStatus.current, RecordStatus.suspended], to: RecordStatus.revoked })
}

/** Whoever asked finds the record by the request's hash. A request is answered once. */
function answerRequest({ state, block, body }: Act, request: Uint8Array, record: Uint8Array): void {
  require(!getRequest(state, request), ResultCode.exists, 'this request was answered already')
  const signers = body.signers.map(({ account }) => account)
  putRequest(state, request, { record, transition: body.transition, signers, height: block.height })
}

/** What a new record hangs on. */
type Ties = Partial<Pick<RecordEntry, 'predecessor' | 'case' | 'holder'>>

/** Answers the state key of a new record. args: as issueRecord's, without a request. */
export function enter(act: Act, args: JsonObject, ties: Ties): Uint8Array {
  const { state, block, service, office } = act
  require(service.type !== undefined, ResultCode.notAllowed, 'this service issues no records')
  const type = typeHash(state.hasher, service.type)
  if (office !== undefined) {
    const entitled = getOffice(state, office)?.types.some(each => equals(each.type, type) && each.endedHeight === 0n)
    require(entitled, ResultCode.notAllowed, 'this office may not issue this type')
  }
  const validFrom = timeArgument(args, 'validFrom')
  const validUntil = timeArgument(args, 'validUntil')
  const ordered = !validFrom || !validUntil || compareTime(validFrom, validUntil) < 0
  require(ordered, ResultCode.badArguments, 'a record must begin before it ends')
  const key = recordKey(state.hasher, issuerOf(act), bytesArgument(args, 'commitment', 32))
  require(!state.get(key), ResultCode.exists, 'this record is entered already')
  const issued: StatusChange = {
    status: RecordStatus.current,
    height: block.height,
    time: block.time,
    mandate: act.body.signers[0]!.mandate,
    reason: '',
    appealUntil: undefined,
  }
  putRecord(state, key, {
    issuer: issuerOf(act),
    type,
    service: service.id,
    mandate: act.body.signers[0]!.mandate,
    account: act.body.signers[0]!.account,
    key: documentKey(act, args),
    changes: [issued],
    validFrom,
    validUntil,
    successor: empty,
    predecessor: empty,
    case: empty,
    holder: empty,
    ...ties,
  })
  return key
}

/**
 * The key that the document's own signature is checked with: the sender's. A passkey signs no documents; it vouches for the
 * key that did, by naming it in the act that it signs. The document that a request asks for is signed with the request's own.
 */
function documentKey(act: Act, args: JsonObject): AccountKey {
  const { scheme, key } = act.signatures[0]!
  if (scheme === SignatureScheme.webauthn || args.request !== undefined) {
    const named = args.documentKey
    require(isObject(named), ResultCode.badArguments, 'the sender’s key signs no documents: documentKey is missing')
    checkNames(named, ['algorithm', 'key'])
    return keyArgument(named)
  }
  require(args.documentKey === undefined, ResultCode.badArguments, 'the document is signed by the sender’s own key')
  return key
}

/** args: commitment, reason, and where the law gives an appeal appealUntil. */
function changeStatus(
  act: Act,
  args: JsonObject,
  step: { readonly from: readonly number[]; readonly to: number },
): Uint8Array {
  checkNames(args, ['commitment', 'reason', 'appealUntil'])
  const { key, record } = ownRecord(act, bytesArgument(args, 'commitment', 32))
  require(step.from.includes(statusOf(record)), ResultCode.wrongState, 'the record is not in a state for this step')
  const reason = textArgument(args, 'reason', reasonPattern)
  const changed = withStatus(causeOf(act), record, { status: step.to, reason })
  const appealUntil = timeArgument(args, 'appealUntil')
  putRecord(act.state, key, {
    ...changed,
    changes: [...changed.changes.slice(0, -1), { ...changed.changes.at(-1)!, appealUntil }],
  })
  return key
}

/** A record under the acting issuer's own name: nobody else's can be reached from here. */
function ownRecord(act: Act, commitment: Uint8Array): { readonly key: Uint8Array; readonly record: RecordEntry } {
  const key = recordKey(act.state.hasher, issuerOf(act), commitment)
  const record = getRecord(act.state, key)
  require(record, ResultCode.notFound, 'this issuer has no such record')
  require(record.service.split('@')[0] ===
    act.service.id.split('@')[0], ResultCode.notAllowed, 'the record belongs to another service')
  return { key, record }
}

/** When a record changes, and under which mandate; none where a clock or another service changes it. */
type Cause = { readonly block: Act['block']; readonly mandate: Uint8Array }

function causeOf({ block, body }: Act): Cause {
  return { block, mandate: body.signers[0]!.mandate }
}

export function withStatus(
  { block, mandate }: Cause,
  record: RecordEntry,
  { status, reason }: Pick<StatusChange, 'status' | 'reason'>,
): RecordEntry {
  const change = { status, height: block.height, time: block.time, mandate, reason, appealUntil: undefined }
  const [issued, ...later] = record.changes
  // The issuing is kept for ever; of the changes after it the newest, so that no number of them blocks the next.
  return { ...record, changes: [issued!, ...later.slice(-(limits.statusChangesMax - 2)), change] }
}

export function statusOf(record: RecordEntry): number {
  return record.changes.at(-1)!.status
}

function issuerOf(act: Act): string {
  const { chainId } = act.block
  if (act.office !== undefined) return formatIssuer({ kind: 'office', chainId, office: act.office })
  return formatIssuer({ kind: 'account', chainId, account: act.account })
}
