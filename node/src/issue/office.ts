// Who issues, looked up with proof before anything is made: the service as the ledger has it, the office, and the mandates of those who sign.

import {
  accountId,
  type Client,
  decodeService,
  encodeCanonicalJson,
  equals,
  formatIssuer,
  isOfficeRole,
  type JsonObject,
  mandateEntry,
  mandateId,
  mandateKey,
  type Operation,
  officeEntry,
  officeKey,
  type Service,
  type Signer,
  serviceKey,
  type TransactionSigner,
  typeHash,
  VerifyError,
} from '@muniment/sdk'

export type Office = {
  readonly client: Client
  readonly service: Service
  readonly name: string
  /** By language. */
  readonly names: Readonly<Record<string, string>>
  /** As a document's `iss`. */
  readonly issuer: string
  /** The record type, a document's `vct`. */
  readonly type: string
  readonly transition: string
  readonly signers: readonly Signer[]
  /** A place each, as a transaction names them. */
  readonly places: readonly TransactionSigner[]
}

export type OfficeRequest = {
  readonly serviceFile: JsonObject
  /** What is to be done; the service's step for it is found. */
  readonly operation: Operation
  /** Named where the service has several for that. */
  readonly transition?: string | undefined
  readonly office?: string | undefined
  readonly signers: readonly Signer[]
  /** Ids of mandates in the signers' order; without them those of the genesis. */
  readonly mandates: readonly Uint8Array[]
}

/** Throws VerifyError `refused` with a sentence that says who may not what, or what the network said. */
export async function openOffice(client: Client, request: OfficeRequest): Promise<Office> {
  const { signers } = request
  const bytes = encodeCanonicalJson(request.serviceFile)
  const service = decodeService(bytes)
  const { type } = service
  const [transition, step] = stepOf(service, request)
  const role = step.by.find(name => isOfficeRole(service.roles[name]))
  const acting = role === undefined ? undefined : service.roles[role]
  if (type === undefined || role === undefined || !isOfficeRole(acting))
    throw refusal(`${service.id} issues no records of an office`)
  const { offices, post } = acting
  const name = request.office ?? (offices.length === 1 ? offices[0]! : '')
  if (!offices.includes(name)) throw refusal(`name the office: --office ${offices.join(' or ')}`)
  if (signers.length < step.persons) throw refusal(`${transition} takes ${step.persons} persons: give --key for each`)
  const places = signers.map((signer, index) => {
    const account = accountId(client.crypto, signer.key)
    const mandate = request.mandates[index] ?? mandateId(client.crypto, name, account, client.root.genesisHash)
    // Nobody's signature waits for another's here, so nobody needs to be able to take his back.
    return { account, role, mandate, nonce: 0n }
  })
  const { crypto } = client
  const keys = [serviceKey(crypto, service.id), officeKey(crypto, name)]
  const { values, header } = await client.read([...keys, ...places.map(({ mandate }) => mandateKey(crypto, mandate))])
  const [known, registered, ...held] = values
  if (!known) throw refusal(`the ledger has no service ${service.id}`)
  if (!equals(known, bytes)) throw refusal(`the ledger’s ${service.id} is another one than the file’s`)
  const entry = registered && officeEntry.decode(registered)
  const entitled = entry?.types.some(each => each.endedHeight === 0n && equals(each.type, typeHash(crypto, type)))
  if (entry?.endedHeight !== 0n || !entitled) throw refusal(`${name} may not issue ${type}`)
  places.forEach((place, index) => {
    const mandate = held[index] && mandateEntry.decode(held[index])
    const fits = mandate && equals(mandate.account, place.account) && mandate.office === name && mandate.role === post
    const holds = mandate && (mandate.untilHeight === 0n || header.height + 1n < mandate.untilHeight)
    if (!fits || !holds) throw refusal(`the key of person ${index + 1} has no mandate as ${post} of ${name}`)
  })
  const issuer = formatIssuer({ kind: 'office', chainId: client.root.chainId, office: name })
  const names = Object.fromEntries(entry.names.map(({ language, text }) => [language, text]))
  return { client, service, name, names, issuer, type, transition, signers, places }
}

function stepOf(service: Service, { operation, transition }: OfficeRequest): [string, Service['transitions'][string]] {
  const fitting = Object.entries(service.transitions).filter(([, step]) => step.operation === operation)
  const chosen = transition === undefined ? fitting : fitting.filter(([name]) => name === transition)
  if (chosen.length === 1) return chosen[0]!
  const names = fitting.map(([name]) => name).join(' or ')
  if (fitting.length === 0) throw refusal(`${service.id} has no step for ${operation}`)
  throw refusal(`name the step: --transition ${names}`)
}

function refusal(sentence: string): VerifyError {
  return new VerifyError('refused', sentence)
}
