// What somebody else asks to be signed: other signers by a proposal, or another page by a request. Loaded when its text is opened.

import {
  type Client,
  decodeTransactionBody,
  parseProposal,
  parseSigningRequest,
  type SigningRequest,
  VerifyError,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import type { Prepared } from './flow.ts'
import type { Preparing, Step } from './ledger.ts'

/** Which step it asks for. Throws SignError. */
export function readStep(client: Client, text: string): Step {
  const request = readRequest(client, text)
  if (request) return request
  try {
    return decodeTransactionBody(parseProposal(text).proposal.body)
  } catch (error) {
    throw new SignError('proposal-unreadable', error instanceof Error ? error.message : String(error))
  }
}

/** Rejects with SignError, or the signal's reason. */
export async function prepareOpened(client: Client, text: string, given: Preparing): Promise<Prepared> {
  const request = readRequest(client, text)
  if (request) {
    const { prepareRequested } = await import('./requested.ts')
    return prepareRequested(client, request, given)
  }
  const { openProposal } = await import('./together.ts')
  return openProposal(client, text, given)
}

/** Undefined for what is no request of another page. Throws SignError. */
export function readRequest(client: Client, text: string): SigningRequest | undefined {
  let request: SigningRequest
  try {
    request = parseSigningRequest(text)
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    if (error.code === 'format-unknown') return undefined
    throw new SignError('request-unreadable', error.message)
  }
  if (request.chainId !== client.root.chainId)
    throw new SignError('proposal-elsewhere', `the request is for ${request.chainId}`)
  return request
}
