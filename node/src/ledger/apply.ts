// The kernel: what every transaction must pass before an operation of a module is run, in one order for checkTx and for
// blocks (security rule 25: size, decode, genesis, expiry, account and nonce, signatures, guards).

import {
  type AccountEntry,
  assertionOf,
  type Crypto,
  check,
  decodeArgs,
  decodeBeaconTransaction,
  decodeTransaction,
  equals,
  formatHex,
  type Hasher,
  isIdentitySignature,
  type JsonObject,
  limits,
  ResultCode,
  type ServiceTransition,
  type SignedMessage,
  signedMessages,
  type TransactionBody,
  type TransactionSigner,
  transactionId,
  VerifyError,
} from '@muniment/sdk'
import { actorOf, requirePersons } from './actors.ts'
import type { TransactionResult } from './application.ts'
import { stepCase, tick } from './cases.ts'
import {
  cancelRecovery,
  delegate,
  endDelegation,
  finishRecovery,
  recover,
  recoverInPerson,
  setGuardians,
} from './control.ts'
import { beginBlock, proposedReveal } from './draws.ts'
import { readOnce } from './entries.ts'
import { genesisWrites } from './genesis.ts'
import type { Applied, BlockContext, Kernel, View } from './kernel.ts'
import { look } from './looks.ts'
import { recordMisbehavior } from './misbehavior.ts'
import {
  accountOf,
  addKey,
  appoint,
  cancelNonce,
  dismiss,
  endKey,
  entitleOffice,
  firstKey,
  foundOffice,
  markAbsent,
  maySign,
  sameKey,
  setIdentityOrigins,
} from './parties.ts'
import { caseVersionOf, type DryRun, reportIn, reportMessages, reportReceipt } from './receipts.ts'
import { issueRecord, replaceRecord, resumeRecord, revokeRecord, suspendRecord } from './records.ts'
import { type Act, Refusal, refused, refusing, require, resultOf } from './rules.ts'
import {
  createState,
  getIdentityOrigins,
  getMandate,
  getService,
  mandateHolds,
  putAccount,
  type State,
} from './state.ts'

const operations: Readonly<Record<ServiceTransition['operation'], (act: Act, args: JsonObject) => Uint8Array>> = {
  'records.issue': issueRecord,
  'records.replace': replaceRecord,
  'records.suspend': suspendRecord,
  'records.resume': resumeRecord,
  'records.revoke': revokeRecord,
  'parties.found': foundOffice,
  'parties.entitle': entitleOffice,
  'parties.appoint': appoint,
  'parties.dismiss': dismiss,
  'parties.addKey': addKey,
  'parties.endKey': endKey,
  'parties.cancel': cancelNonce,
  'parties.setGuardians': setGuardians,
  'parties.recover': recover,
  'parties.recoverInPerson': recoverInPerson,
  'parties.finishRecovery': finishRecovery,
  'parties.cancelRecovery': cancelRecovery,
  'parties.delegate': delegate,
  'parties.endDelegation': endDelegation,
  'parties.setIdentityOrigins': setIdentityOrigins,
  'parties.setAbsent': markAbsent,
  'cases.step': stepCase,
  'receipts.report': (act, args) => reportReceipt(act, args, dryRun(act.state.hasher)),
  'cases.look': look,
}

export function createKernel(hasher: Hasher): Kernel {
  return {
    genesis: (appState, context) => genesisWrites(appState, context, hasher),
    chance: {
      isOwn: transaction => decodeBeaconTransaction(transaction) !== undefined,
      propose: (view, context, secrets) => proposedReveal(view, secrets, { hasher, block: context }),
      begin: (view, transaction, context) => beginBlock(view, transaction, { hasher, block: context }),
    },
    verify: verifyTransactions,
    apply: (view, transaction, context) => applyTransaction(view, transaction, { hasher, block: context }),
    tick: (view, context, told = () => {}) => {
      const state = createState(view, hasher)
      tick(state, context)
      state.events().forEach(told)
      return state.writes()
    },
    misbehave: (view, misbehavior, context) => recordMisbehavior(view, misbehavior, { hasher, block: context }),
    caseVersion: (view, transaction) => caseVersionOf(view, transaction, hasher),
    sender: transaction => {
      try {
        return formatHex(readTransaction(transaction).body.signers[0]!.account)
      } catch {
        return undefined
      }
    },
  }
}

/** Looked at by the pool, the check of its signatures and the block, which are given the same bytes. */
function readTransaction(encoded: Uint8Array): ReturnType<typeof decodeTransaction> {
  return readOnce(encoded, decodeTransaction)
}

/** Of a transaction whose signatures were verified. */
function dryRun(hasher: Hasher): DryRun {
  return (view, transaction, block) => applyTransaction(view, transaction, { hasher, block }).result
}

async function verifyTransactions(
  transactions: readonly Uint8Array[],
  context: Pick<BlockContext, 'chainId' | 'genesisHash'>,
  crypto: Crypto,
): Promise<readonly (TransactionResult | undefined)[]> {
  const answers: (TransactionResult | undefined)[] = []
  const batches = { ed25519: [] as SignedMessage[], p256: [] as SignedMessage[] }
  const owners = { ed25519: [] as number[], p256: [] as number[] }
  transactions.forEach((encoded, index) => {
    answers.push(
      refusing(() => {
        const { transaction, body } = readTransaction(encoded)
        require(body.chainId === context.chainId, ResultCode.wrongChain, `made for the chain ${body.chainId}`)
        const report = reportIn(body)
        const reported = report ? reportMessages(report, context.genesisHash, crypto) : []
        for (const { algorithm, ...message } of [
          ...signedMessages(crypto, context.genesisHash, transaction),
          ...reported,
        ]) {
          const kind = algorithm === 1 ? 'ed25519' : 'p256'
          batches[kind].push(message)
          owners[kind].push(index)
        }
      }),
    )
  })
  for (const kind of ['ed25519', 'p256'] as const) {
    const bad = kind === 'ed25519' ? await crypto.verifyEd25519(batches.ed25519) : await crypto.verifyP256(batches.p256)
    for (const index of bad)
      answers[owners[kind][index]!] ??= refused(ResultCode.badSignature, 'a signature does not verify')
  }
  return answers
}

function applyTransaction(
  view: View,
  encoded: Uint8Array,
  surroundings: { readonly hasher: Hasher; readonly block: BlockContext },
): Applied {
  const state = createState(view, surroundings.hasher)
  let paid: State | undefined
  try {
    const { transaction, body } = readTransaction(encoded)
    const { block } = surroundings
    require(body.chainId === block.chainId, ResultCode.wrongChain, `made for the chain ${body.chainId}`)
    require(body.validUntil >= block.height, ResultCode.expired, 'the transaction was valid until an earlier block')
    const soon = body.validUntil <= block.height + BigInt(limits.validUntilBlocksMax)
    require(soon, ResultCode.expired, 'the transaction would be valid for too long')
    const origins = getIdentityOrigins(state)
    const onIdentity = body.signers.map((signer, index) => {
      const { key } = transaction.signatures[index]!
      const assertion = assertionOf(surroundings.hasher, block.genesisHash, { transaction, signer: index })
      const account = accountOf(state, signer.account, firstKey(key, block.height, assertion))
      require(account, ResultCode.unknownKey, 'there is no such account')
      const held = account.keys.find(each => sameKey(each.key, key) && each.endedHeight === 0n)
      require(held, ResultCode.unknownKey, 'the key does not belong to the account')
      require(maySign(
        held,
        assertion,
      ), ResultCode.badSignature, 'the key does not sign in this way, or not on that page')
      if (index === 0)
        putAccount(state, signer.account, useQuota(state, useNonce(account, body.nonce), { signer, block }))
      // Only those behind the first may do without a nonce.
      else putAccount(state, signer.account, signer.nonce === 0n ? account : useNonce(account, signer.nonce))
      return isIdentitySignature(held, assertion, origins)
    })
    // From here on a refusal keeps what was written so far: the nonce is used, whatever becomes of the act.
    paid = state
    const inner = createState({ get: state.get }, surroundings.hasher)
    const { signatures, body: bodyBytes } = transaction
    const data = run(inner, { block, body, signatures, bodyBytes, onIdentity })
    state.take(inner)
    const told = state.events().length > 0 ? { events: state.events() } : {}
    return { result: { code: ResultCode.ok, log: '', data, ...told }, writes: state.writes() }
  } catch (error) {
    return { result: resultOf(error), writes: paid?.writes() ?? [] }
  }
}

function run(
  state: State,
  given: Pick<Act, 'block' | 'body' | 'signatures'> & {
    readonly bodyBytes: Uint8Array
    /** Of each signature, whether it was given on an identity page. */
    readonly onIdentity: readonly boolean[]
  },
): Uint8Array {
  const { block, body, signatures } = given
  const service = getService(state, body.service)
  require(service, ResultCode.unknownService, `there is no service ${body.service}`)
  const hasCase = service.hasCases || body.ifState.length === 0
  require(hasCase, ResultCode.wrongState, 'no case stands behind this service')
  const transition = Object.hasOwn(service.transitions, body.transition)
    ? service.transitions[body.transition]
    : undefined
  require(transition, ResultCode.unknownTransition, `${body.service} has no step ${body.transition}`)
  // Of a case's step this is one of its guards.
  const areEnough = service.hasCases || body.signers.length >= transition.persons
  require(areEnough, ResultCode.notAllowed, `this step takes ${transition.persons} persons`)
  const isPlaceRight = transition.sign === 'anywhere' || given.onIdentity.every(Boolean)
  require(isPlaceRight, ResultCode.notAllowed, 'this step is signed on the network’s identity pages only')
  const actors = body.signers.map(signer => actorOf(signer, { state, block, body, service }))
  requirePersons(actors)
  const { office, account } = actors[0]!
  // A case's procedure says whether offices act together.
  const isOne = service.hasCases || actors.every(each => each.office === office)
  require(isOne, ResultCode.notAllowed, 'the signers act for different offices')
  const act: Act = {
    state,
    block,
    body,
    service,
    office,
    account,
    actors,
    signatures,
    isIdentity: given.onIdentity[0]!,
    transactionId: transactionId(state.hasher, given.bodyBytes),
  }
  return operations[transition.operation](act, refusingArguments(body))
}

/** Nonces may arrive in any order within the window; each serves once. */
function useNonce(account: AccountEntry, nonce: bigint): AccountEntry {
  const distance = nonce - account.nonceFloor
  require(distance >= 1n, ResultCode.nonceUsed, 'the nonce is used')
  require(distance <= BigInt(limits.nonceWindow), ResultCode.nonceUsed, 'the nonce is too far ahead')
  const bit = 1n << (distance - 1n)
  require((account.nonceBits & bit) === 0n, ResultCode.nonceUsed, 'the nonce is used')
  let nonceFloor = account.nonceFloor
  let nonceBits = account.nonceBits | bit
  while ((nonceBits & 1n) === 1n) {
    nonceFloor += 1n
    nonceBits >>= 1n
  }
  return { ...account, nonceFloor, nonceBits }
}

/** Whoever sends pays for it by his quota, also for what is refused in a block. */
function useQuota(
  state: State,
  account: AccountEntry,
  { signer, block }: { readonly signer: TransactionSigner; readonly block: BlockContext },
): AccountEntry {
  const day = block.time.seconds / 86_400n
  const count = (account.actsDay === day ? account.actsCount : 0n) + 1n
  const mandate = signer.mandate.length === 32 ? getMandate(state, signer.mandate) : undefined
  const isOfficial = mandateHolds(mandate, block.height) && equals(mandate.account, signer.account)
  const most = BigInt(isOfficial ? limits.officialActsPerDayMax : limits.actsPerDayMax)
  require(count <= most, ResultCode.quota, `this account has acted ${most} times today; it may again tomorrow`)
  return { ...account, actsDay: day, actsCount: count }
}

function refusingArguments(body: TransactionBody): JsonObject {
  try {
    return decodeArgs(body.args)
  } catch (error) {
    check(error instanceof VerifyError, 'malformed', 'arguments')
    throw new Refusal(ResultCode.badArguments, error.message)
  }
}
