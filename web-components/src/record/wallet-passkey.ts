// The secret of a passkey that opens a wallet: what the authenticator's PRF answers to the wallet's id (WebAuthn Level 3, 10.1.4).

import { limits } from '@muniment/sdk'
import { SignError } from '../sign/error.ts'
import { askPasskey } from '../sign/passkey.ts'
import { WalletError, type WalletErrorCode } from './wallet-error.ts'

export type WalletPasskey = {
  readonly credentialId: Uint8Array
  /** 32 bytes. */
  readonly secret: Uint8Array
}

type Request = {
  readonly walletId: Uint8Array
  /** Credential ids: those that may answer, or that this device need not make again. */
  readonly known: readonly Uint8Array[]
  readonly signal: AbortSignal
}

/**
 * A new passkey, from a click. Some authenticators tell the secret only when they are asked a second time. Rejects with WalletError,
 * `noSecret` where they have none.
 */
export async function makeWalletPasskey(request: Request, name: string): Promise<WalletPasskey> {
  const { walletId, known, signal } = request
  const credential = await ask(signal, () =>
    navigator.credentials.create({
      signal,
      publicKey: {
        rp: { id: location.hostname, name: location.hostname },
        user: { id: random(32), name, displayName: name },
        challenge: random(32),
        // The names of ES256, EdDSA and RS256, so that any authenticator serves: nothing is signed with it that matters.
        pubKeyCredParams: [-7, -8, -257].map(alg => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: listOf(known),
        attestation: 'none',
        extensions: { prf: { eval: { first: new Uint8Array(walletId) } } },
        timeout: limits.passkeyTimeoutMs,
      },
    }),
  )
  const { prf } = credential.getClientExtensionResults()
  const credentialId = new Uint8Array(credential.rawId)
  const secret = secretOf(prf?.results?.first)
  if (secret) return { credentialId, secret }
  if (!prf?.enabled) throw new WalletError('noSecret', 'the authenticator has no PRF')
  return askWalletPasskey({ walletId, known: [credentialId], signal })
}

/** Asks for one of the known passkeys. Rejects with WalletError. */
export async function askWalletPasskey({ walletId, known, signal }: Request): Promise<WalletPasskey> {
  const credential = await ask(signal, () =>
    navigator.credentials.get({
      signal,
      publicKey: {
        rpId: location.hostname,
        challenge: random(32),
        allowCredentials: listOf(known),
        userVerification: 'required',
        extensions: { prf: { eval: { first: new Uint8Array(walletId) } } },
        timeout: limits.passkeyTimeoutMs,
      },
    }),
  )
  const secret = secretOf(credential.getClientExtensionResults().prf?.results?.first)
  if (!secret) throw new WalletError('noSecret', 'the authenticator told no secret')
  return { credentialId: new Uint8Array(credential.rawId), secret }
}

async function ask(signal: AbortSignal, call: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    return await askPasskey(signal, call)
  } catch (error) {
    // That it can't make such a passkey, or has none, is the same to whoever wants to lock something.
    const code = error instanceof SignError && error.code
    if (code === 'passkey-unsupported') throw new WalletError('noSecret', String(error))
    throw code ? new WalletError(code as WalletErrorCode, String(error)) : error
  }
}

function secretOf(result: BufferSource | undefined): Uint8Array | undefined {
  if (!(result instanceof ArrayBuffer)) return undefined
  return result.byteLength === 32 ? new Uint8Array(result) : undefined
}

function listOf(ids: readonly Uint8Array[]): PublicKeyCredentialDescriptor[] {
  return ids.map(id => ({ type: 'public-key', id: new Uint8Array(id) }))
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}
