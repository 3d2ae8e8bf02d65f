// An act of a story on its stage: prepared, signed by those who act, handed in; and whether it came out as told.

import {
  type AnySigner,
  accountEntry,
  accountKey,
  type JsonObject,
  prepareBody,
  ResultCode,
  signBody,
} from '@muniment/sdk'
import type { TransactionResult } from '../ledger/application.ts'
import type { Stage } from './play.ts'

export type ScenarioActor = {
  readonly person: { readonly signer: AnySigner; readonly account: Uint8Array }
  readonly role: string
  readonly office?: string
  readonly mandate?: Uint8Array
}

/** `place` is the act's in its story: what would be random follows from it. */
export async function submitAct(
  stage: Stage,
  act: {
    readonly service: string
    readonly transition: string
    readonly args: JsonObject
    readonly actors: readonly ScenarioActor[]
    readonly place: number
  },
): Promise<TransactionResult & { readonly body: Uint8Array }> {
  const { actors, place, ...said } = act
  const entries = await stage.read(actors.map(({ person }) => accountKey(stage.hasher, person.account)))
  const body = prepareBody(
    {
      ...said,
      signers: actors.map(({ person, role, mandate }) => ({
        account: person.account,
        role,
        ...(mandate ? { mandate } : {}),
      })),
    },
    {
      chainId: stage.chainId,
      height: stage.height(),
      accounts: entries.map(value => value && accountEntry.decode(value)),
      random: bound => place % bound,
    },
  )
  const signers = actors.map(({ person }) => person.signer)
  const transaction = await signBody(body, { signers, genesisHash: stage.genesisHash, hasher: stage.hasher })
  return { ...(await stage.submit(transaction)), body }
}

type Answer = Pick<TransactionResult, 'code' | 'log'>

/** The guard that refused; undefined where none did. */
export function closedGuard({ code, log }: Answer): string | undefined {
  return code === ResultCode.guardClosed ? log.slice(0, log.indexOf(':')).split('/')[1] : undefined
}

/** What came otherwise than the story tells; undefined where nothing did. */
export function otherThanTold(
  {
    take,
    closed,
    refused,
  }: { readonly take: string; readonly closed: string | undefined; readonly refused: string | undefined },
  answer: Answer,
): string | undefined {
  const { code, log } = answer
  if (closed !== undefined)
    return closedGuard(answer) === closed ? undefined : `not closed by ${closed}: ${code} ${log}`
  if (refused !== undefined) {
    const wanted = (ResultCode as Readonly<Record<string, number>>)[refused]
    return code === wanted ? undefined : `not refused as ${refused}: ${code} ${log}`
  }
  return code === ResultCode.ok ? undefined : `${take} was refused: ${code} ${log}`
}
