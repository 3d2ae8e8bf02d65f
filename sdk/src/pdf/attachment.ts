// The record that is attached to a PDF: among its embedded files (ISO 32000-1, 7.7.4), or associated with the document or a page
// (ISO 32000-2, 14.13). Nothing else of the file is looked at: no script, no picture, no text.

import { check, VerifyError } from '../errors.ts'
import { pdfAttachmentsMax, pdfBytesMax, pdfDepthMax, pdfNodesMax } from '../limits.ts'
import { openByLooking, openByTables, type PdfFile } from './file.ts'
import { type Dictionary, isDictionary, isRef, latin1, type Value } from './values.ts'

/** `record`: a proof bundle, or the text of a document or a link. */
export type PdfAnswer =
  | { readonly kind: 'record'; readonly bytes: Uint8Array }
  | { readonly kind: 'none' }
  /** It can be opened only with a password, or by software that asks nobody for one; this reader does neither. */
  | { readonly kind: 'encrypted' }

/**
 * Finds the first attached record. Damaged tables are made up for by looking through the file. Rejects with VerifyError:
 * `format-unknown` for what is no PDF, `malformed` or `truncated` where no catalogue can be found, `oversized` beyond the bounds on
 * objects, depth and inflated bytes (limits.ts); or with the signal's reason.
 */
export async function findRecordInPdf(
  bytes: Uint8Array,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<PdfAnswer> {
  check(bytes.length <= pdfBytesMax, 'oversized', 'the PDF is too long')
  try {
    return await search(await openByTables(bytes), signal)
  } catch (error) {
    const isDamaged = error instanceof VerifyError && (error.code === 'malformed' || error.code === 'truncated')
    if (!isDamaged) throw error
    signal?.throwIfAborted()
    return search(await openByLooking(bytes), signal)
  }
}

async function search(file: PdfFile, signal: AbortSignal | undefined): Promise<PdfAnswer> {
  if (file.trailer.has('Encrypt')) return { kind: 'encrypted' }
  const catalogue = await file.resolve(file.trailer.get('Root'))
  check(isDictionary(catalogue), 'malformed', 'PDF: it has no catalogue')
  const seen = new Set<number>()
  let count = 0
  for await (const specification of specifications(file, catalogue)) {
    signal?.throwIfAborted()
    for (const embedded of await embeddedIn(file, specification)) {
      if (seen.has(embedded)) continue
      seen.add(embedded)
      check(count++ < pdfAttachmentsMax, 'oversized', 'PDF: too many attachments')
      const bytes = await readEmbedded(file, embedded)
      if (bytes && isRecord(bytes)) return { kind: 'record', bytes }
    }
  }
  return { kind: 'none' }
}

/** Everything that may say where an attachment is. */
async function* specifications(file: PdfFile, catalogue: Dictionary): AsyncGenerator<Value> {
  const names = await file.resolve(catalogue.get('Names'))
  if (isDictionary(names))
    for await (const node of nodesOf(file, names.get('EmbeddedFiles'))) {
      const pairs = await file.resolve(node.get('Names'))
      if (Array.isArray(pairs)) yield* (pairs as readonly Value[]).filter((_, place) => place % 2 === 1)
    }
  yield* await listOf(file, catalogue.get('AF'))
  for await (const page of nodesOf(file, catalogue.get('Pages'))) {
    yield* await listOf(file, page.get('AF'))
    for (const each of await listOf(file, page.get('Annots'))) {
      const annotation = await file.resolve(each)
      if (isDictionary(annotation) && annotation.has('FS')) yield annotation.get('FS')!
    }
  }
}

async function listOf(file: PdfFile, value: Value | undefined): Promise<readonly Value[]> {
  const list = await file.resolve(value)
  if (list === null) return []
  return Array.isArray(list) ? (list as readonly Value[]).slice(0, pdfNodesMax) : [list]
}

/** The nodes of a tree, each once; no deeper and no more than the bounds. */
async function* nodesOf(file: PdfFile, root: Value | undefined): AsyncGenerator<Dictionary> {
  const seen = new Set<number>()
  const waiting: { readonly value: Value | undefined; readonly depth: number }[] = [{ value: root, depth: 0 }]
  for (let count = 0, next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { value, depth } = next
    if (isRef(value) && seen.has(value.ref)) continue
    if (isRef(value)) seen.add(value.ref)
    // A book of very many pages is not looked through to its end: our own attachments stand before all pages.
    if (count++ >= pdfNodesMax || depth > pdfDepthMax) return
    const node = await file.resolve(value)
    if (!isDictionary(node)) continue
    yield node
    for (const kid of await listOf(file, node.get('Kids'))) waiting.push({ value: kid, depth: depth + 1 })
  }
}

/** Numbers of the streams that a file specification names (7.11.3). */
async function embeddedIn(file: PdfFile, value: Value): Promise<readonly number[]> {
  const specification = await file.resolve(value)
  if (!isDictionary(specification)) return []
  const embedded = await file.resolve(specification.get('EF'))
  if (!isDictionary(embedded)) return []
  return [...embedded.values()].filter(isRef).map(({ ref }) => ref)
}

/** Undefined for an attachment that is kept in a way not read here: a record is kept in a plain one. */
async function readEmbedded(file: PdfFile, ref: number): Promise<Uint8Array | undefined> {
  const stream = await file.stream({ ref })
  if (!stream) return undefined
  return file.decode(stream).catch(error => {
    if (error instanceof VerifyError && error.code !== 'oversized') return undefined
    throw error
  })
}

/** By its first bytes: a bundle, a link or a document. What it is worth is seen when it is checked. */
function isRecord(bytes: Uint8Array): boolean {
  const start = latin1(bytes.subarray(0, 4_096))
  // A bundle's first byte is a line feed, which before a text counts for nothing.
  const isBundle = /^.{2}muniment\/bundle\//s.test(start)
  const head = start.trimStart()
  const fragment = head.slice(head.indexOf('#') + 1)
  return isBundle || /^[12]\/[\w.$*+/:~-]{20,}/.test(fragment) || /^eyJ[\w-]+\.[\w-]+/.test(head)
}
