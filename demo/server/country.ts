// The example country: its offices, its officials' keys and its catalogue, as the app_state of a genesis file. Everything
// here is plainly an example; a real network's keys would lie with different people.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type AccountKey,
  Algorithm,
  formatBase64,
  formatBase64Url,
  type JsonObject,
  parseBase64Url,
  type Signer,
} from '@muniment/sdk'

export const chainId = 'example-1'

/** Posts of the example, and who holds them: two persons wherever a step takes two. */
const posts = [
  { name: 'founder-1', office: 'cabinet', post: 'founder' },
  { name: 'founder-2', office: 'cabinet', post: 'founder' },
  { name: 'registrar-1', office: 'land-registry', post: 'registrar' },
  { name: 'registrar-2', office: 'land-registry', post: 'registrar' },
  { name: 'licensing-1', office: 'trade-licensing', post: 'licensing-officer' },
  { name: 'licensing-2', office: 'trade-licensing', post: 'licensing-officer' },
  { name: 'identity-1', office: 'civil-registry', post: 'identity-officer' },
  { name: 'identity-2', office: 'civil-registry', post: 'identity-officer' },
] as const

/** Bodies that sign the example's checkpoints: two of three are enough. */
const checkpointBodies = ['checkpoint-1', 'checkpoint-2', 'checkpoint-3'] as const
export const checkpointThreshold = 2

export type OfficialName = (typeof posts)[number]['name']

export type Country = {
  readonly appState: JsonObject
  readonly official: (name: OfficialName) => { readonly signer: Signer; readonly office: string }
  readonly checkpointSigners: readonly Signer[]
}

/** Keys are made once and kept in `keyFile`, readable by its owner only. */
export function openCountry(keyFile: string, services: readonly JsonObject[]): Country {
  const secrets = loadSecrets(keyFile)
  writeKeyFiles(join(dirname(keyFile), 'keys'), secrets)
  const signerOf = (name: string): Signer => ed25519Signer(secrets[name]!)
  return {
    appState: {
      offices: [
        {
          office: 'cabinet',
          names: { en: 'Cabinet of the Example Republic', ar: 'مجلس وزراء جمهورية المثال' },
          types: ['urn:example:released-file'],
        },
        {
          office: 'land-registry',
          names: { en: 'Example Land Registry', ar: 'السجل العقاري (مثال)' },
          parent: 'cabinet',
          types: ['urn:example:land-title'],
        },
        {
          office: 'trade-licensing',
          names: { en: 'Example Trade Licensing Office', ar: 'مكتب الرخص التجارية (مثال)' },
          parent: 'cabinet',
          types: ['urn:example:business-licence'],
        },
        {
          office: 'civil-registry',
          names: { en: 'Example Civil Registry', ar: 'السجل المدني (مثال)' },
          parent: 'cabinet',
        },
      ],
      mandates: posts.map(({ name, office, post }) => ({
        office,
        post,
        algorithm: Algorithm.ed25519,
        key: formatBase64Url(signerOf(name).key.bytes),
      })),
      services,
    },
    official: name => ({ signer: signerOf(name), office: posts.find(each => each.name === name)!.office }),
    checkpointSigners: checkpointBodies.map(signerOf),
  }
}

function loadSecrets(keyFile: string): Readonly<Record<string, Uint8Array>> {
  const kept = existsSync(keyFile) ? (JSON.parse(readFileSync(keyFile, 'utf8')) as Record<string, string>) : {}
  const names = [...posts.map(({ name }) => name), ...checkpointBodies]
  const texts = Object.fromEntries(names.map(name => [name, kept[name] ?? formatBase64Url(randomBytes(32))]))
  if (names.some(name => kept[name] === undefined))
    writeFileSync(keyFile, `${JSON.stringify(texts, null, 2)}\n`, { mode: 0o600 })
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parseBase64Url(text)]))
}

/** The same keys as `muniment issue` takes them, a file each, for trying it out. */
function writeKeyFiles(folder: string, secrets: Readonly<Record<string, Uint8Array>>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const [name, seed] of Object.entries(secrets)) {
    const publicKey = formatBase64(ed25519Signer(seed).key.bytes)
    const json = { algorithm: 'Ed25519', publicKey, seed: formatBase64(seed) }
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`, { mode: 0o600 })
  }
}

/** PrivateKeyInfo of RFC 8410 up to the 32 secret bytes. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

function ed25519Signer(secret: Uint8Array): Signer {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, secret]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const key: AccountKey = { algorithm: Algorithm.ed25519, bytes: new Uint8Array(spki.subarray(-32)) }
  return { key, sign: async message => new Uint8Array(sign(null, message, privateKey)) }
}

/** Names a build of the portal by everything that goes into it. */
export function fingerprint(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
