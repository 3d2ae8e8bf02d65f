// A document shown to somebody who asked for it, with its holder's key. Loaded when somebody asks.

import {
  audienceOf,
  bindPresentation,
  equals,
  formatRecordLink,
  type PresentationDemand,
  presentCredential,
} from '@muniment/sdk'
import { qrOfText } from '../qr-link.ts'
import { findKey } from '../sign/local-keys.ts'
import { hideableNames, type Opened, type Presented } from './present.ts'

/** What a phone reads from a screen without trouble. */
const qrVersionMax = 25

/** Why a document cannot be answered with. */
export type AnswerProblem = 'keyNone' | 'keyMissing'

/** The holder's signer, or why there is none. */
async function holderOf({ client, credential }: Opened) {
  const { holderKey } = credential
  if (!holderKey) return 'keyNone' as const
  const held = await findKey(client.root.chainId, client.crypto)
  const isOwn =
    held && held.signer.key.algorithm === holderKey.algorithm && equals(held.signer.key.bytes, holderKey.bytes)
  return isOwn && 'sign' in held.signer ? held.signer : ('keyMissing' as const)
}

/** The answer as a link of the page that asked, or why there is none. */
export async function answerDemand(
  opened: Opened,
  names: readonly string[],
  demand: PresentationDemand,
): Promise<Presented | AnswerProblem> {
  const { client, credential, key, height } = opened
  const signer = await holderOf(opened)
  if (typeof signer === 'string') return signer
  const shown = presentCredential(
    credential,
    hideableNames(opened).filter(name => names.includes(name)),
  )
  const document = await bindPresentation(shown, {
    signer,
    audience: audienceOf(demand)!,
    nonce: demand.nonce,
    issuedAt: Number(client.now().seconds),
    hasher: client.crypto,
  })
  const address = new URL(demand.page)
  address.hash = formatRecordLink({ chainId: client.root.chainId, key, height, document })
  const qr = qrOfText(address.href)
  return { link: address.href, document, qr: qr && qr.version <= qrVersionMax ? qr : undefined }
}
