// Passkeys (WebAuthn Level 3): made by the browser's authenticator, found again on another device, and asked to sign. The browser
// keeps only what an authenticator does not give twice: which public key is behind a credential's id, and whose account it is of.

import {
  type AccountKey,
  Algorithm,
  accountEntry,
  accountId,
  accountKey,
  type Client,
  equals,
  limits,
  type PasskeySigner,
  readAssertion,
  readEcdsaSignature,
  recoverP256Keys,
  VerifyError,
} from '@muniment/sdk'
import type { SignErrorCode } from '../messages/messages.ts'
import { SignError } from './error.ts'
import { compressPoint, type SigningKey } from './key.ts'
import { canUsePasskeys } from './methods.ts'
import { withKeys } from './store.ts'

export type Passkey = {
  readonly key: AccountKey
  readonly credentialId: Uint8Array
  readonly rpId: string
  /** 32 bytes. */
  readonly account: Uint8Array
}

export type PasskeyRequest = {
  readonly client: Client
  readonly rpId: string
  readonly signal: AbortSignal
}

/** COSE names of the algorithms (RFC 9053, 2): ES256 first, which every authenticator has. */
const algorithms = [
  { cose: -7, algorithm: Algorithm.p256 },
  { cose: -8, algorithm: Algorithm.ed25519 },
] as const

/** What an authenticator hands back with each answer: whether an account's id follows, or only something random. */
const HandleKind = { random: 0, account: 1 } as const

/** The passkey that was last used here for this network and relying party. */
export async function loadPasskey({ client, rpId }: PasskeyRequest): Promise<Passkey | undefined> {
  const stored = await withKeys(database => database.get('keys', nameOf(client))).catch(() => undefined)
  return isPasskey(stored) && stored.rpId === rpId ? stored : undefined
}

/**
 * Makes a passkey as the first key of a new account, and keeps it. Rejects with SignError. Call it from a click: browsers ask for one.
 */
export async function makePasskey(request: PasskeyRequest): Promise<Passkey> {
  const made = await makePasskeyFor(request, undefined)
  await keepPasskey(request.client, made)
  return made
}

/** As above, for an account; whoever calls keeps it once the ledger has it. */
export async function makePasskeyFor(
  { client, rpId, signal }: PasskeyRequest,
  account: Uint8Array | undefined,
): Promise<Passkey> {
  // One device holds one passkey of an account: what this browser knows is not made twice.
  const known = account && (await loadPasskey({ client, rpId, signal }))
  const exclude = known ? [known.credentialId] : []
  const kind = account ? HandleKind.account : HandleKind.random
  const day = new Date(Number(client.now().seconds) * 1_000).toISOString().slice(0, 10)
  const name = `${client.root.chainId}, ${day}`
  const credential = await askPasskey(signal, () =>
    navigator.credentials.create({
      signal,
      publicKey: {
        rp: { id: rpId, name: rpId },
        user: { id: new Uint8Array([kind, ...(account ?? randomBytes(32))]), name, displayName: name },
        challenge: randomBytes(32),
        pubKeyCredParams: algorithms.map(({ cose }) => ({ type: 'public-key', alg: cose })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: exclude.map(id => ({ type: 'public-key', id: new Uint8Array(id) })),
        attestation: 'none',
        timeout: limits.passkeyTimeoutMs,
      },
    }),
  )
  const response = credential.response as AuthenticatorAttestationResponse
  const key = readPublicKey(response)
  const credentialId = new Uint8Array(credential.rawId)
  return { key, credentialId, rpId, account: account ?? accountId(client.crypto, key) }
}

/**
 * Asks for a passkey that this browser has not used yet, as one has that was made on another device, and finds its account in the
 * ledger. Rejects with SignError, `passkey-unknown` where the ledger knows no account of it.
 */
export async function findPasskey({ client, rpId, signal }: PasskeyRequest): Promise<Passkey> {
  const challenge = randomBytes(32)
  const { credential, response } = await assertion({ rpId, signal, challenge, allowed: [] })
  const handle = new Uint8Array(response.userHandle ?? [])
  const parts = partsOf(response)
  const { message } = read(() => readAssertion(parts, challenge, client.crypto))
  const isEcdsa = parts.signature[0] === 0x30 && parts.signature.length !== 64
  const signature = isEcdsa ? read(() => readEcdsaSignature(parts.signature)) : parts.signature
  const named = handle[0] === HandleKind.account && handle.length === 33 ? handle.slice(1) : undefined
  // An account's first passkey was made before the account had a name: its signature tells which keys it may be.
  const guessed = named || !isEcdsa ? [] : recoverP256Keys({ message, signature })
  const keys = guessed.map((bytes): AccountKey => ({ algorithm: Algorithm.p256, bytes }))
  const accounts = named ? [named] : keys.map(key => accountId(client.crypto, key))
  const found = await keysOf(client, accounts, signal)
  for (const { account, key } of found) {
    const item = { publicKey: key.bytes, message, signature }
    const verify = key.algorithm === Algorithm.p256 ? client.crypto.verifyP256 : client.crypto.verifyEd25519
    if (signature.length !== 64 || (await verify([item])).length > 0) continue
    const passkey = { key, credentialId: new Uint8Array(credential.rawId), rpId, account }
    await keepPasskey(client, passkey)
    return passkey
  }
  throw new SignError('passkey-unknown', 'the ledger knows no account of this passkey')
}

/** The key for one signing, which the signal calls off. */
export function passkeySigningKey(passkey: Passkey, { signal }: PasskeyRequest, isNew: boolean): SigningKey {
  const { key, rpId, credentialId, account } = passkey
  const signer: PasskeySigner = {
    key,
    async assert(challenge) {
      const { credential, response } = await assertion({ rpId, signal, challenge, allowed: [credentialId] })
      if (!equals(new Uint8Array(credential.rawId), credentialId))
        throw new SignError('passkey-other', 'another passkey answered')
      return partsOf(response)
    },
  }
  return { method: 'passkey', signer, account, isNew }
}

/** The passkeys' public keys among the keys that accounts hold now. */
async function keysOf(
  client: Client,
  accounts: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<readonly { readonly account: Uint8Array; readonly key: AccountKey }[]> {
  if (accounts.length === 0) return []
  const places = accounts.map(account => accountKey(client.crypto, account))
  const { values } = await client.read(places, { signal }).catch(error => {
    throw error instanceof VerifyError ? new SignError('unreachable', error.message) : error
  })
  return values.flatMap((value, index) => {
    const held = value ? accountEntry.decode(value).keys : []
    const holding = held.filter(({ passkey, endedHeight }) => passkey && endedHeight === 0n)
    return holding.map(({ key }) => ({ account: accounts[index]!, key }))
  })
}

type Answer = {
  readonly credential: PublicKeyCredential
  readonly response: AuthenticatorAssertionResponse
}

async function assertion(given: {
  readonly rpId: string
  readonly signal: AbortSignal
  readonly challenge: Uint8Array
  readonly allowed: readonly Uint8Array[]
}): Promise<Answer> {
  const { rpId, signal } = given
  const credential = await askPasskey(signal, () =>
    navigator.credentials.get({
      signal,
      publicKey: {
        rpId,
        challenge: new Uint8Array(given.challenge),
        allowCredentials: given.allowed.map(id => ({ type: 'public-key', id: new Uint8Array(id) })),
        userVerification: 'required',
        timeout: limits.passkeyTimeoutMs,
      },
    }),
  )
  return { credential, response: credential.response as AuthenticatorAssertionResponse }
}

function partsOf(response: AuthenticatorAssertionResponse) {
  return {
    authenticatorData: new Uint8Array(response.authenticatorData),
    clientData: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(response.signature),
  }
}

/** Whatever a browser refuses comes as SignError. */
export async function askPasskey(
  signal: AbortSignal,
  call: () => Promise<Credential | null>,
): Promise<PublicKeyCredential> {
  if (!canUsePasskeys()) throw new SignError('passkey-unsupported', 'this browser has no PublicKeyCredential')
  const began = performance.now()
  try {
    const credential = await call()
    if (!(credential instanceof PublicKeyCredential)) throw new SignError('passkey-cancelled', 'there was no answer')
    return credential
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SignError) throw error
    const took = performance.now() - began
    throw new SignError(passkeyErrorCode(error, took), error instanceof Error ? error.message : String(error))
  }
}

/** What a refusal of the browser means (WebAuthn Level 3, 5.1.3 and 5.1.4). `took`: milliseconds until it came. */
export function passkeyErrorCode(error: unknown, took: number): SignErrorCode {
  switch ((error as { readonly name?: unknown } | null)?.name) {
    case 'NotAllowedError':
      // A browser does not say which of the two it was: whoever did nothing until the end was not there.
      return took >= limits.passkeyTimeoutMs - 1_000 ? 'passkey-timeout' : 'passkey-cancelled'
    case 'SecurityError':
      return 'passkey-wrong-site'
    case 'InvalidStateError':
      return 'passkey-exists'
    default:
      return 'passkey-unsupported'
  }
}

function readPublicKey(response: AuthenticatorAttestationResponse): AccountKey {
  const cose = response.getPublicKeyAlgorithm()
  const known = algorithms.find(each => each.cose === cose)
  // SubjectPublicKeyInfo (RFC 5280; RFC 5480, RFC 8410), whose last bytes are the key.
  const encoded = new Uint8Array(response.getPublicKey() ?? [])
  if (known?.algorithm === Algorithm.p256 && encoded.length === 91 && encoded[26] === 4)
    return { algorithm: Algorithm.p256, bytes: compressPoint(encoded.subarray(26)) }
  if (known?.algorithm === Algorithm.ed25519 && encoded.length === 44)
    return { algorithm: Algorithm.ed25519, bytes: encoded.slice(12) }
  throw new SignError('passkey-unsupported', `an authenticator made a key of kind ${cose}`)
}

/** An answer that the ledger would refuse is refused here. */
function read<T>(reading: () => T): T {
  try {
    return reading()
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('passkey-unverified', error.message)
    throw error
  }
}

function nameOf({ root }: Client): string {
  return `passkey ${root.chainId}`
}

/** As the one that is used here from now on. */
export async function keepPasskey(client: Client, passkey: Passkey): Promise<void> {
  // A browser that keeps nothing asks for the passkey again next time.
  await withKeys(database => database.put('keys', passkey, nameOf(client))).catch(() => undefined)
}

export function isPasskey(value: unknown): value is Passkey {
  if (typeof value !== 'object' || value === null) return false
  const { key, credentialId, rpId, account } = value as Partial<Passkey>
  const length = key?.algorithm === Algorithm.ed25519 ? 32 : key?.algorithm === Algorithm.p256 ? 33 : 0
  return (
    key?.bytes instanceof Uint8Array &&
    key.bytes.length === length &&
    credentialId instanceof Uint8Array &&
    credentialId.length <= limits.credentialIdBytesMax &&
    typeof rpId === 'string' &&
    account instanceof Uint8Array &&
    account.length === 32
  )
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}
