// A validator's key in the shape of CometBFT's priv_validator_key.json (privval/file.go), and signing with it.

import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject, sign } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import {
  beaconSecretLabel,
  concat,
  equals,
  formatBase64,
  formatHex,
  formatPublicKey,
  isObject,
  type PublicKey,
  parseBase64,
  parseJson,
  VerifyError,
  validatorAddress,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { HomeError, systemError } from '../home-error.ts'

export type ValidatorKey = {
  readonly publicKey: PublicKey
  /** 20 bytes. */
  readonly address: Uint8Array
  /** Ed25519 (RFC 8032); 64 bytes. Asked only after the sign state allows it. */
  readonly sign: (message: Uint8Array) => Uint8Array
  /** 32 secret bytes of its own for each label (RFC 5869 over the seed): nothing beside the key need be kept. */
  readonly derive: (label: Uint8Array) => Uint8Array
}

/** Of 32 secret bytes, the seed of RFC 8032. */
export function validatorKeyOf(seed: Uint8Array): ValidatorKey {
  const privateKey = createPrivateKey({ key: Buffer.from(concat(pkcs8Prefix, seed)), format: 'der', type: 'pkcs8' })
  const publicKey: PublicKey = { type: 'ed25519', bytes: rawPublicKey(privateKey) }
  return {
    publicKey,
    address: validatorAddress(publicKey, nodeHasher),
    sign: message => new Uint8Array(sign(null, message, privateKey)),
    derive: label => new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), label, 32)),
  }
}

/** The secrets by which validators here take part in draws; the label names chain and turn, so a restored backup shows the same again. */
export function secretsOf(
  signers: readonly ValidatorKey[],
): (proposer: Uint8Array, genesisHash: Uint8Array) => ((turn: bigint) => Uint8Array) | undefined {
  return (proposer, genesisHash) => {
    const signer = signers.find(each => equals(each.address, proposer))
    return signer && (turn => signer.derive(beaconSecretLabel(genesisHash, turn)))
  }
}

/** Reads the key file. Throws HomeError: file-malformed, or permission when others may read it too. */
export async function loadValidatorKey(path: string): Promise<ValidatorKey> {
  const text = await readPrivate(path)
  try {
    const json = parseJson(text)
    if (!isObject(json) || !isObject(json.priv_key)) throw new VerifyError('malformed', 'no priv_key')
    if (json.priv_key.type !== privateKeyType) throw new VerifyError('format-unknown', 'not an Ed25519 key')
    const secret = parseBase64(String(json.priv_key.value))
    if (secret.length !== 64) throw new VerifyError('malformed', 'an Ed25519 key has 64 bytes')
    const key = validatorKeyOf(secret.subarray(0, 32))
    if (!equals(key.publicKey.bytes, secret.subarray(32))) throw new VerifyError('malformed', 'the halves do not match')
    return key
  } catch (error) {
    throw new HomeError(
      'file-malformed',
      `The validator key in ${path} can't be read: ${(error as Error).message}.`,
      error,
    )
  }
}

/** Makes a new key file, readable by its owner only; never over an old one. */
export async function createValidatorKey(path: string): Promise<ValidatorKey> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8Prefix.length)
  const key = validatorKeyOf(seed)
  const json = {
    address: formatHex(key.address).toUpperCase(),
    pub_key: formatPublicKey(key.publicKey),
    priv_key: { type: privateKeyType, value: formatBase64(concat(seed, key.publicKey.bytes)) },
  }
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(json, null, 2)}\n`)
    await file.sync()
    await file.close()
  } catch (error) {
    throw systemError(error, path) ?? error
  }
  return key
}

const privateKeyType = 'tendermint/PrivKeyEd25519'
/** PrivateKeyInfo of RFC 8410 up to the 32 secret bytes. */
const pkcs8Prefix = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32])

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(spki.length - 32))
}

async function readPrivate(path: string): Promise<string> {
  try {
    const { mode } = await stat(path)
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new HomeError('permission', `Others may read the validator key in ${path}; run chmod 600 on it.`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}
