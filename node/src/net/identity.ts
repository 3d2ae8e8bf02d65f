// What a node is known by over WebRTC: a libp2p key and a DTLS certificate, both from files, so that its address stays the
// same across restarts. Browsers check the certificate's fingerprint only, never its dates.

import { createHash, createPrivateKey, webcrypto, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import * as x509 from '@peculiar/x509'
import { HomeError, systemError } from '../home-error.ts'

/** PEM texts and the multihash of the certificate, as a multiaddr says it. */
export type Certificate = { readonly privateKey: string; readonly pem: string; readonly certhash: string }

/** Makes the key where there is none. Throws HomeError file-malformed, permission or disk-full. */
export async function loadPeerKey(path: string): Promise<PrivateKey> {
  if (existsSync(path)) return readSecret(path, content => privateKeyFromProtobuf(content))
  const key = await generateKeyPair('Ed25519')
  saveSecret(path, privateKeyToProtobuf(key))
  return key
}

/** Makes the certificate where there is none. Throws HomeError file-malformed, permission or disk-full. */
export async function loadCertificate(path: string): Promise<Certificate> {
  if (!existsSync(path)) saveSecret(path, JSON.stringify(await createCertificate(), null, 2))
  return readSecret(path, content => {
    const { privateKey, pem } = JSON.parse(content.toString('utf8')) as { privateKey: string; pem: string }
    createPrivateKey(privateKey)
    new X509Certificate(pem)
    return { privateKey, pem, certhash: certhashOf(pem) }
  })
}

function readSecret<T>(path: string, read: (content: Buffer) => T): T {
  try {
    return read(readFileSync(path))
  } catch (error) {
    const known = systemError(error, path)
    throw (
      known ??
      new HomeError('file-malformed', `The file ${path} is damaged; restore it, or remove it for a new one.`, error)
    )
  }
}

async function createCertificate(): Promise<{ privateKey: string; pem: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=muniment',
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2049-12-31T00:00:00Z'),
      signingAlgorithm: algorithm,
      keys: keys as never,
    },
    webcrypto as never,
  )
  const secret = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = secret.replace(/.{64}/g, '$&\n').trimEnd()
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    pem: certificate.toString('pem'),
  }
}

/** multibase `u` and multihash sha2-256 of the DER bytes. */
function certhashOf(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const digest = createHash('sha256').update(der).digest()
  return `u${Buffer.concat([Buffer.from([0x12, 0x20]), digest]).toString('base64url')}`
}

function saveSecret(path: string, content: Uint8Array | string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, content, { mode: 0o600 })
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}
