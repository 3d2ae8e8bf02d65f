// The record in a PDF. An entry of its own: pages that are given none do not load it.

export type { PdfAnswer } from './attachment.ts'
export { findRecordInPdf } from './attachment.ts'
