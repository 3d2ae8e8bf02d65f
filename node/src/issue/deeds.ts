// Deeds on the ledger, many at a time, each until it is proven. What a node answers is a hint; a deed that was perhaps done is handed in
// again, because the ledger does each only once.

import {
  type AccountEntry,
  accountEntry,
  accountKey,
  encodeArgs,
  encodeTransactionBody,
  type JsonObject,
  limits,
  ResultCode,
  type SubmitAnswer,
  VerifyError,
} from '@muniment/sdk'
import { issuePauseMs, issuePollMs, issueRoundsMax, issueSettleMs } from '../limits.ts'
import type { Office } from './office.ts'

export type Deed = {
  readonly row: number
  /** The state key that shows whether it is done. */
  readonly key: Uint8Array
  readonly args: JsonObject
  /** Of the proven value under the key. */
  readonly isDone: (value: Uint8Array | undefined) => boolean
}

/** Told as soon as they are proven, with the height of the block that proves it. */
export type OnProven = (deeds: readonly Deed[], height: bigint) => void

/** So many have nonces at one time; the pool has room for twice as many of one sender. */
export const deedsAtOnce: number = limits.nonceWindow

/** Throws VerifyError: `refused` with the row and what the ledger says, `unavailable` where the network is of no help. */
export async function doDeeds(office: Office, deeds: readonly Deed[], onProven: OnProven): Promise<void> {
  let open = deeds
  let idle = 0
  for (;;) {
    const { left, account, height } = await look(office, open, onProven)
    if (left.length === 0) return
    if (idle === issueRoundsMax) {
      throw new VerifyError(
        'unavailable',
        `row ${left[0]!.row} was handed in ${issueRoundsMax} times and is not in the ledger`,
      )
    }
    const sent = await handIn(office, left, { account, height })
    const after = await settle(office, left, { sent, onProven })
    idle = after.length < open.length ? 0 : idle + 1
    open = after
  }
}

type Seen = {
  readonly left: readonly Deed[]
  readonly account: AccountEntry | undefined
  readonly height: bigint
}

/** Which are proven, and the sender's account. */
async function look({ client, places }: Office, deeds: readonly Deed[], onProven: OnProven): Promise<Seen> {
  const own = accountKey(client.crypto, places[0]!.account)
  const left: Deed[] = []
  let account: AccountEntry | undefined
  let height = 0n
  const size = limits.stateKeysPerQueryMax - 1
  for (let at = 0; at < deeds.length; at += size) {
    const some = deeds.slice(at, at + size)
    const { values, header } = await patiently(() => client.read([own, ...some.map(({ key }) => key)]))
    const isDone = some.map(({ isDone: fits }, index) => fits(values[index + 1]))
    const done = some.filter((_, index) => isDone[index])
    left.push(...some.filter((_, index) => !isDone[index]))
    if (done.length > 0) onProven(done, header.height)
    account = values[0] && accountEntry.decode(values[0])
    height = header.height
  }
  return { left, account, height }
}

/** Answers how many the node took or has already. */
async function handIn(
  office: Office,
  deeds: readonly Deed[],
  { account, height }: Pick<Seen, 'account' | 'height'>,
): Promise<number> {
  const { client, service, transition, places, signers } = office
  const nonces = freeNonces(account, deeds.length)
  const nothing = new Uint8Array(0)
  let sent = 0
  for (const [index, nonce] of nonces.entries()) {
    const { row, args } = deeds[index]!
    const body = encodeTransactionBody({
      chainId: client.root.chainId,
      service: service.id,
      transition,
      args: encodeArgs(args),
      nonce,
      validUntil: height + BigInt(limits.validForBlocks),
      ifState: nothing,
      sponsor: nothing,
      signers: places,
    })
    const transaction = await client.sign(body, signers)
    const { code, log } = await patiently(() => client.submit(transaction))
    if (code === ResultCode.quota) break
    if (!passes({ code, log })) throw new VerifyError('refused', `row ${row}: the ledger says: ${log}`)
    sent += 1
  }
  return sent
}

/** Taken; or it, or another with its nonce, is in the ledger or on its way there: the next look will show. */
function passes({ code }: SubmitAnswer): boolean {
  const harmless: readonly number[] = [ResultCode.ok, ResultCode.exists, ResultCode.nonceUsed, ResultCode.wrongState]
  return harmless.includes(code)
}

/** Waits for proof of those that were handed in; answers what is still open. */
async function settle(
  office: Office,
  deeds: readonly Deed[],
  { sent, onProven }: { readonly sent: number; readonly onProven: OnProven },
): Promise<readonly Deed[]> {
  const until = Date.now() + issueSettleMs
  let waiting: readonly Deed[] = deeds.slice(0, sent)
  while (waiting.length > 0 && Date.now() < until) {
    await pause(issuePollMs)
    waiting = (await look(office, waiting, onProven)).left
  }
  return [...waiting, ...deeds.slice(sent)]
}

/** The lowest that the account has not used, within its window. */
function freeNonces(account: AccountEntry | undefined, count: number): readonly bigint[] {
  const { nonceFloor, nonceBits } = account ?? { nonceFloor: 0n, nonceBits: 0n }
  const window = Array.from({ length: limits.nonceWindow }, (_, index) => BigInt(index))
  return window
    .filter(index => (nonceBits & (1n << index)) === 0n)
    .slice(0, count)
    .map(index => nonceFloor + 1n + index)
}

/** Waits where a node asks to slow down. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = issueRoundsMax; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof VerifyError) || error.code !== 'limited' || left === 0) throw error
      await pause(issuePauseMs)
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
