// From a document to what somebody else is given of it. Loaded when a document is opened.

import {
  type Client,
  type Credential,
  formatRecordLink,
  type Json,
  parseCredential,
  presentCredential,
  readDocument,
  recordKey,
  type Verdict,
  VerifyError,
} from '@muniment/sdk'
import type { Qr } from '@muniment/sdk/qr'
import { qrCodeOf } from '../qr-link.ts'

export type OpenedField = {
  readonly name: string
  readonly label: Readonly<Record<string, string>>
  readonly value: Json
  /** A field that the issuer always shows can't be kept back. */
  readonly canHide: boolean
}

export type Opened = {
  readonly client: Client
  readonly credential: Credential
  /** The record's key, and a height at which it is known to stand. */
  readonly key: Uint8Array
  readonly height: bigint
  readonly verdict: Verdict
  readonly fields: readonly OpenedField[]
}

export type Presented = {
  readonly link: string
  readonly document: string
  /** Undefined where it is too long for one. */
  readonly qr: Qr | undefined
}

/** Rejects with VerifyError (`wrong-chain`, or why it can't be read), or the signal's reason. */
export async function openRecord(client: Client, input: string, signal: AbortSignal): Promise<Opened> {
  const { crypto: hasher, root } = client
  const text = input.trim()
  const { document, link } = await readDocument(text, hasher)
  const credential = parseCredential(document, hasher)
  if ([credential.issuer.chainId, link?.chainId ?? root.chainId].some(chainId => chainId !== root.chainId)) {
    throw new VerifyError('wrong-chain', 'the document belongs to another network')
  }
  const verdict = await client.verifyRecord(text, { signal })
  const named =
    verdict.record?.fields ?? Object.entries(credential.fields).map(([name, value]) => ({ name, label: {}, value }))
  const hideable = credential.document.disclosures.map(({ name }) => name)
  return {
    client,
    credential,
    key: recordKey(hasher, credential.issuerName, credential.commitment),
    height: link?.height ?? 0n,
    verdict,
    fields: named.map(field => ({ ...field, canHide: hideable.includes(field.name) })),
  }
}

/** The document with only these fields, as a link of the page that checks it, and as a QR code. */
export async function presentRecord(opened: Opened, names: readonly string[], page: URL): Promise<Presented> {
  const { client, credential, key, height } = opened
  const shown = hideableNames(opened).filter(name => names.includes(name))
  const document = presentCredential(credential, shown)
  const address = new URL(page)
  address.hash = formatRecordLink({ chainId: client.root.chainId, key, height, document })
  return { link: address.href, document, qr: await qrCodeOf(document, { page, link: address.href, client }) }
}

/** Of those that the issuer does not always show. */
export function hideableNames({ fields }: Opened): readonly string[] {
  return fields.filter(({ canHide }) => canHide).map(({ name }) => name)
}
