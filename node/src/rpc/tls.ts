// HTTPS for the node's own answers: a certificate and its key from two files, read anew when they change, so that a renewed
// certificate needs no restart.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { HomeError, systemError } from '../home-error.ts'
import { tlsFileBytesMax, tlsLookEveryMs } from '../limits.ts'

/** PEM files: the certificate with those above it, and its private key. */
export type TlsFiles = { readonly certificate: string; readonly key: string }

export type TlsPair = { readonly cert: Buffer; readonly key: Buffer }

/** Throws HomeError that names the file: it is missing, is no PEM, or the two do not belong together. */
export function readTlsPair({ certificate, key }: TlsFiles): TlsPair {
  const pair = { cert: readPem(certificate), key: readPem(key) }
  const leaf = parsed(certificate, 'certificate', () => new X509Certificate(pair.cert))
  const secret = parsed(key, 'private key', () => createPrivateKey(pair.key))
  if (!leaf.checkPrivateKey(secret)) {
    throw new HomeError('file-malformed', `The key in ${key} is not the one of the certificate in ${certificate}.`)
  }
  parsed(certificate, 'certificate', () => createSecureContext(pair))
  return pair
}

/**
 * Gives the server what the files hold as soon as they change; new connections use it. Files that can't be used are told once,
 * and the old ones go on. Answers the function that ends it.
 */
export function followTlsFiles(
  server: Server,
  files: TlsFiles,
  {
    onWarning,
    everyMs = tlsLookEveryMs,
  }: { readonly onWarning: (sentence: string) => void; readonly everyMs?: number },
): () => void {
  let known = marksOf(files)
  const timer = setInterval(() => {
    const marks = marksOf(files)
    if (marks === known) return
    known = marks
    try {
      server.setSecureContext(readTlsPair(files))
    } catch (error) {
      const why = error instanceof HomeError ? error.message : String(error)
      onWarning(`${why} The certificate of before stays in use.`)
    }
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** When each file was last written; a file that is away has a mark of its own. */
function marksOf({ certificate, key }: TlsFiles): string {
  return [certificate, key]
    .map(path => {
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : 'none'
    })
    .join()
}

function readPem(path: string): Buffer {
  try {
    if (statSync(path).size > tlsFileBytesMax) throw new HomeError('file-malformed', `The file ${path} is too long.`)
    return readFileSync(path)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') {
      throw new HomeError('file-malformed', `There is no file ${path}.`, error)
    }
    throw systemError(error, path) ?? error
  }
}

function parsed<T>(path: string, what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new HomeError('file-malformed', `The file ${path} holds no ${what} that can be used (PEM).`, error)
  }
}
