// The words for asking the holder of a document, and for answering, which load with either. A page may lay its own over them:
// `setMessages`.

import { lateMessages } from './messages.ts'

export type HolderMessages = Readonly<Record<HolderText, string>>

type HolderText =
  | 'ask'
  | 'askLead'
  | 'askOpen'
  | 'askQr'
  | 'askLink'
  | 'demandHeading'
  | 'demandLead'
  | 'demandBad'
  | 'make'
  | 'answerLead'
  | 'answerOpen'
  | 'keyNone'
  | 'keyMissing'

const english: HolderMessages = {
  ask: 'Ask the holder to show it',
  askLead:
    'The holder opens this on a device of theirs, chooses what you may see, and shows that the document is theirs. Open, scan or paste the answer here.',
  askOpen: 'Show a document of mine',
  askQr: 'QR code of the request',
  askLink: 'Link of the request',
  demandHeading: '{host} asks to see a document',
  demandLead:
    'Open it, and choose what they may see. They also learn that you hold its key. Nobody else can use the answer.',
  demandBad: 'This is not a request for a document that can be read, or a part of it is missing.',
  make: 'Make the answer for {host}',
  answerLead: 'Only {host} can use this answer, and only within ten minutes.',
  answerOpen: 'Open it on {host}',
  keyNone: 'This document is bound to no key, so nobody can show that it is theirs.',
  keyMissing:
    'This document is bound to a key that this browser does not have. Answer on the device that keeps the key.',
}

export function holderMessages(language: string): HolderMessages {
  return lateMessages(language, 'holder', english)
}
