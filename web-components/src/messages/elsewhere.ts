// The words for what is signed on the identity page only, which load when somebody is sent there, or comes there. A page may lay its
// own over them: `setMessages`.

import { type LateSignErrorCode, lateMessages } from './messages.ts'

export type ElsewhereMessages = Readonly<Record<ElsewhereText, string>>

type ElsewhereText =
  | 'heading'
  | 'lead'
  | 'open'
  | 'opens'
  | 'otherDevice'
  | 'qr'
  | 'qrLead'
  | 'qrTooLong'
  | 'code'
  | 'codeLead'
  | 'codeHere'
  | 'link'
  | 'linkHint'
  | 'waiting'
  | 'asked'
  | 'askedDone'
  | LateSignErrorCode

const english: ElsewhereMessages = {
  heading: 'Sign on {host}',
  lead: 'This matters too much to be signed here. It is signed on {host} only, where no other page can change what you see.',
  open: 'Open {host} and sign',
  opens: 'It opens in a window of its own. Look at its address: it begins with {origin}',
  otherDevice: 'Or sign on another device',
  qr: 'QR code that opens {host}',
  qrLead: 'Scan this with the other device.',
  qrTooLong: 'This is too long for a QR code. Open the link on the other device.',
  code: 'Comparison number',
  codeLead: 'The other window or device must show this number. If it shows another one, do not sign there.',
  codeHere: 'The page or device that asked must show this number. If it shows another one, do not sign.',
  link: 'Link to sign there',
  linkHint: 'It holds what you wrote, and works for an hour.',
  waiting: 'Waiting until the ledger proves that you have signed. If you decline there, press “Stop waiting” here.',
  asked: 'Another page asks you to sign this. It cannot sign for you, and does not see this window.',
  askedDone: 'The page that asked finds it in the ledger by itself. You can close this window.',
  'key-light':
    'This matters, and a key of a browser is not enough for it. Sign it with a passkey; or an office can register your key.',
  'identity-none': 'This matters, and this network has named no page on which it can be signed. Go to an office.',
  framed: 'This page stands inside another one, or another page holds its window. Open it by itself.',
  'request-unreadable': 'This is not a request to sign that can be read, or a part of it is missing. Ask for it anew.',
  'request-expired': 'This request is too old, or a clock is wrong. Ask for it anew.',
  'request-answered': 'This request was answered already. It is not signed a second time.',
  'request-differs': 'What was signed there is not what this page asked for. Do not rely on it.',
  'account-unknown': 'The ledger knows no such account. An account begins with its first signed act.',
}

/** Of the language that the elements speak; English where there is none. */
export function elsewhereMessages(language: string): ElsewhereMessages {
  return lateMessages(language, 'elsewhere', english)
}
