// Broken promises of validators, counted where everyone can prove them. A report is counted only where the state itself shows that the
// transaction could have stood in a block at every moment of the promise (security rule 26): a sender who changed something meanwhile, or
// signed two transactions with one nonce, proves nothing against anybody.

import {
  Algorithm,
  type CaseEntry,
  caseNamed,
  decodeArgs,
  decodeReceipt,
  decodeTransaction,
  empty,
  equals,
  type Hasher,
  holdsKey,
  type InclusionReceipt,
  type JsonObject,
  limits,
  listenersEntry,
  listenersKey,
  type MessageToVerify,
  type Operation,
  parseBase64Url,
  ResultCode,
  receiptMessages,
  reportedReceiptKey,
  signedMessages,
  type TransactionBody,
  type TransactionSignature,
  typeHash,
  type UnmetReceiptsEntry,
  uniqueEntry,
  uniqueKey,
  unmetReceiptsEntry,
  unmetReceiptsKey,
  VerifyError,
  validatorsEntry,
  validatorsKey,
} from '@muniment/sdk'
import type { TransactionResult } from './application.ts'
import { checkNames, refuseBad } from './arguments.ts'
import { readGiven } from './case-arguments.ts'
import { readEntry } from './entries.ts'
import type { BlockContext, View } from './kernel.ts'
import { type Act, require } from './rules.ts'
import {
  createState,
  getAccount,
  getCase,
  getDelegation,
  getMandate,
  getOffice,
  getProcedure,
  getRecord,
  getService,
  type State,
} from './state.ts'
import { familyOf } from './unique.ts'

const noReceipts: UnmetReceiptsEntry = { count: 0n, newest: [] }

type Report = {
  readonly encoded: Uint8Array
  readonly receipt: InclusionReceipt
  readonly body: TransactionBody
  readonly signatures: readonly TransactionSignature[]
}

/** Arguments of fewer bytes hold no report, and are not looked at for one: a receipt and a signed transaction are longer. */
const reportArgsBytesMin = 500

/** The report among the arguments of a transaction; undefined for those of anything else, which have no such members. Throws VerifyError. */
export function reportIn({ args: encodedArgs }: Pick<TransactionBody, 'args'>): Report | undefined {
  if (encodedArgs.length < reportArgsBytesMin) return undefined
  const args = jsonOf(encodedArgs)
  if (!args) return undefined
  const { transaction, receipt } = args
  if (typeof transaction !== 'string' || typeof receipt !== 'string') return undefined
  const encoded = parseBase64Url(transaction)
  require(encoded.length <= limits.reportedTransactionBytesMax, ResultCode.badArguments, 'too long to be reported')
  const decoded = decodeTransaction(encoded)
  const {
    body,
    transaction: { signatures },
  } = decoded
  return { encoded, receipt: decodeReceipt(parseBase64Url(receipt)), body, signatures }
}

/** What is no JSON of ours is refused where its operation reads it, and uses its nonce there. */
function jsonOf(args: Uint8Array): JsonObject | undefined {
  try {
    return decodeArgs(args)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

/** What must verify of a report beside its own signatures: those of what it reports. Throws VerifyError for a receipt of another transaction. */
export function reportMessages(
  { receipt, encoded }: Report,
  genesisHash: Uint8Array,
  hasher: Hasher,
): readonly MessageToVerify[] {
  const promised = receiptMessages(receipt, { transaction: encoded, genesisHash }, hasher)
  const { transaction } = decodeTransaction(encoded)
  return [
    ...promised.map(message => ({ ...message, algorithm: Algorithm.ed25519 })),
    ...signedMessages(hasher, genesisHash, transaction),
  ]
}

/** Whether a transaction of now could be in a block now; nothing is written. */
export type DryRun = (view: View, transaction: Uint8Array, block: BlockContext) => TransactionResult

/** args: transaction, receipt. Both were verified with the signatures of the report. Answers the validator's key. */
export function reportReceipt(act: Act, args: JsonObject, dryRun: DryRun): Uint8Array {
  checkNames(args, ['transaction', 'receipt'])
  const { state, block } = act
  const report = refuseBad('receipt', () => reportIn(act.body))
  require(report, ResultCode.badArguments, 'transaction and receipt are given in base64url')
  const { receipt, encoded } = report
  const { validator, byHeight, byTime } = receipt
  require(isValidator(state, validator), ResultCode.notFound, 'whoever signed the receipt makes no blocks here')
  const isOver = block.height > byHeight && block.time.seconds > byTime
  require(isOver, ResultCode.wrongState, 'the promise runs still')
  const key = reportedReceiptKey(state.hasher, validator, receipt.transactionId)
  require(!state.get(key), ResultCode.exists, 'this was counted already')
  const operation = operationOf(state, report.body)
  const isShown = operation === 'cases.step' || operation === 'records.issue'
  require(isShown, ResultCode.notAllowed, 'of this kind of act the state does not show what it rested on')
  const { code, log } = dryRun({ get: state.get }, encoded, block)
  require(code === ResultCode.ok, ResultCode.notAllowed, `the transaction is not good any more: ${log}`)
  requireStanding(state, report)
  state.put(key, heightBytes(block.height))
  countUnmet(state, receipt, block.height)
  return validator
}

/** Of the case that a transaction is about how many steps it has taken, under the state that is given; 0 where there is none. */
export function caseVersionOf(view: View, transaction: Uint8Array, hasher: Hasher): bigint {
  const id = caseNamed(decodeTransaction(transaction).body)
  return (id && getCase(createState(view, hasher), id)?.version) ?? 0n
}

function isValidator(state: State, publicKey: Uint8Array): boolean {
  const value = state.get(validatorsKey(state.hasher))
  return (
    value !== undefined && readEntry(validatorsEntry, value).members.some(each => equals(each.publicKey, publicKey))
  )
}

function countUnmet(state: State, { validator, transactionId: id, byHeight }: InclusionReceipt, height: bigint): void {
  const key = unmetReceiptsKey(state.hasher, validator)
  const stored = state.get(key)
  const { count, newest } = stored ? readEntry(unmetReceiptsEntry, stored) : noReceipts
  const unmet = { transactionId: id, byHeight, reportedHeight: height }
  const kept = [...newest, unmet].slice(-limits.unmetReceiptsKeptMax)
  state.put(key, unmetReceiptsEntry.encode({ count: count + 1n, newest: kept }))
}

/**
 * Everything that the transaction rests on stood before the promise and stands now. What ends on the ledger does not begin again, so it stood
 * in between too; what could have gone and come back shows when it was last changed.
 */
function requireStanding(state: State, { receipt, body, signatures }: Report): void {
  const since = receipt.height
  const unless = (fits: unknown, what: string): void =>
    require(fits, ResultCode.notAllowed, `nobody can say whose fault it was: ${what} since the promise`)
  for (const [place, { account: id, mandate }] of body.signers.entries()) {
    const account = getAccount(state, id)
    const { key } = signatures[place]!
    unless(!account || (account.createdHeight <= since && holdsKey(account, key, since)), 'the keys have changed')
    if (mandate.length === 0) continue
    const held = getMandate(state, mandate) ?? getDelegation(state, mandate)
    unless(held && held.fromHeight <= since, 'the mandate has changed')
  }
  if (operationOf(state, body) === 'records.issue') requireEntitled(state, body, since)
  else requireCase(state, { body, receipt })
}

function operationOf(state: State, { service, transition }: TransactionBody): Operation | undefined {
  const transitions = getService(state, service)?.transitions ?? {}
  return Object.hasOwn(transitions, transition) ? transitions[transition]!.operation : undefined
}

function requireEntitled(state: State, body: TransactionBody, since: bigint): void {
  const type = typeHash(state.hasher, getService(state, body.service)!.type ?? '')
  const offices = body.signers.flatMap(({ mandate }) => getMandate(state, mandate)?.office ?? [])
  const areEntitled = offices.every(office =>
    getOffice(state, office)?.types.some(
      each => equals(each.type, type) && each.fromHeight <= since && each.endedHeight === 0n,
    ),
  )
  require(areEntitled, ResultCode.notAllowed, 'nobody can say whose fault it was: the office’s types have changed')
}

/** The case has not moved, nor those that hold or wait for the same tags, nor the records that it needs. */
function requireCase(state: State, { body, receipt }: Pick<Report, 'body' | 'receipt'>): void {
  const since = receipt.height
  const unless = (fits: unknown, what: string): void =>
    require(fits, ResultCode.notAllowed, `nobody can say whose fault it was: ${what} since the promise`)
  const id = caseNamed(body)
  const entry = id && getCase(state, id)
  unless((entry?.version ?? 0n) === receipt.caseVersion, 'the case has moved')
  const procedure = getProcedure(state, body.service)!
  const step = procedure.steps[body.transition]!
  // The roles of whoever signs: their accounts are not among the arguments.
  const bound = body.signers.map(({ role }) => role)
  const given = readGiven(decodeArgs(body.args), step, { facts: procedure.facts, bound, tags: entry?.tags ?? [] })
  const holders = step.unique.flatMap(name => {
    const key = uniqueKey(state.hasher, familyOf(body.service), { name, tag: given.tags[name]! })
    const value = state.get(key)
    return value ? [uniqueEntry.decode(value).case] : []
  })
  const waiting = Object.entries(step.listens).flatMap(([fact, name]) => {
    const value = state.get(listenersKey(state.hasher, fact, given.tags[name]!))
    return value ? listenersEntry.decode(value).cases : []
  })
  unless(
    [...holders, ...waiting].every(each => isUntouched(getCase(state, each), since)),
    'a tag went round',
  )
  const records = [...Object.values(given.needs), entry?.records.at(-1) ?? empty].filter(each => each.length > 0)
  const isOld = (key: Uint8Array): boolean => (getRecord(state, key)?.changes.at(-1)?.height ?? 0n) <= since
  unless(records.every(isOld), 'a record has changed')
}

function isUntouched(entry: CaseEntry | undefined, since: bigint): boolean {
  return entry === undefined || entry.acts.every(({ height }) => height <= since)
}

function heightBytes(height: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, height)
  return bytes
}
