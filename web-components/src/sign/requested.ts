// A request of another page, on the page where it is signed. Loaded when one was opened.

import {
  type Client,
  comparisonCode,
  isRequestOpen,
  requestedDocument,
  requestHash,
  requestKey,
  type SigningRequest,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import { declaredFields, type Prepared, prepareDocument, principalOf } from './flow.ts'
import { type Preparing, reached } from './ledger.ts'

/** Rejects with SignError: `request-expired`, `request-answered`, or as any declaration. */
export async function prepareRequested(client: Client, request: SigningRequest, given: Preparing): Promise<Prepared> {
  const { crypto: hasher } = client
  const { place, signal } = given
  if (!isRequestOpen(request, client.now().seconds)) throw new SignError('request-expired', `of ${request.issuedAt}`)
  const hash = requestHash(hasher, request)
  const { values } = await reached(client.read([requestKey(hasher, hash)], { signal }))
  if (values[0]) throw new SignError('request-answered', 'the ledger holds an answer')
  const { service, transition, others } = request
  // What could not be shown as it is was not asked for by a page of ours.
  const shown = declaredFields({ service, transition, fields: request.fields as never })
  const order = place.service.fields.map(({ name }) => name)
  const fields = Object.fromEntries(
    Object.entries(shown).sort(([left], [right]) => order.indexOf(left) - order.indexOf(right)),
  )
  if (!place.service.type) throw new SignError('service-unknown', 'the service issues no records')
  const account = principalOf(given)
  const made = await requestedDocument(request, { hasher, type: place.service.type, account })
  const asked = { service, transition, fields }
  const prepared = await prepareDocument(client, { ...given, ...made, asked, others, request: hash })
  return { ...prepared, asked: { code: comparisonCode(hash), view: await import('./render-elsewhere.ts') } }
}
