// The words for what somebody keeps in this browser, which load with it. A page may lay its own over them: `setMessages`.

import { lateMessages } from './messages.ts'

export type KeptMessages = Readonly<Record<KeptText, string>>

type KeptText =
  | 'working'
  | 'none'
  | 'added'
  | 'protectHeading'
  | 'protectLead'
  | 'byPasskey'
  | 'byPasskeyHint'
  | 'byBrowser'
  | 'byBrowserHint'
  | 'locked'
  | 'unlock'
  | 'lost'
  | 'lostLead'
  | 'keptOn'
  | 'remove'
  | 'removeHeading'
  | 'removeAll'
  | 'removeLead'
  | 'removed'
  | 'copy'
  | 'copyLead'
  | 'passphrase'
  | 'passphraseHint'
  | 'passphraseAgain'
  | 'passphraseDiffers'
  | 'copySaved'
  | 'copyOpen'
  | 'copyFile'
  | 'copyOpened'
  | 'copyBad'
  | 'copyUnknown'
  | 'copyForeign'
  | 'addPasskey'
  | 'passkeyAdded'
  | 'unreadable'
  | 'damaged'
  | 'newer'
  | 'changed'
  | 'full'
  | 'unavailable'
  | 'noSecret'

const english: KeptMessages = {
  working: 'One moment.',
  none: 'Nothing is kept here yet. Open a document, and choose to keep it.',
  added: 'It is kept on this device.',
  protectHeading: 'How shall it be locked?',
  protectLead: 'What you keep is encrypted, stays in this browser, and is sent to nobody.',
  byPasskey: 'Lock it with a passkey',
  byPasskeyHint: 'Only your passkey opens it. If that is lost, nobody can: add a second passkey, or save a copy.',
  byBrowser: 'Keep it without a passkey',
  byBrowserHint: 'Whoever can use this browser can open it.',
  locked: 'A passkey opens what is kept here.',
  unlock: 'Open with the passkey',
  lost: 'Have you lost the passkey?',
  lostLead:
    'Use another passkey that you added. Without one, nobody can open what is kept here: delete it, and open the copy that you saved.',
  keptOn: 'Kept on {date}',
  remove: 'Delete',
  removeHeading: 'Delete {name} from this device?',
  removeAll: 'Delete everything that is kept here',
  removeLead: 'It cannot be brought back from this device.',
  removed: 'It is deleted.',
  copy: 'Save a copy',
  copyLead:
    'One file with everything that is kept here, for another device or for a bad day. Only this passphrase opens it.',
  passphrase: 'Passphrase',
  passphraseHint: 'At least {count} characters. Four words that nobody guesses are good.',
  passphraseAgain: 'The same passphrase again',
  passphraseDiffers: 'The two passphrases differ.',
  copySaved: 'The copy is saved. Keep the passphrase apart from it.',
  copyOpen: 'Open a saved copy',
  copyFile: 'The saved copy',
  copyOpened: 'Documents added: {count}.',
  copyBad: 'The passphrase is another one, or the copy was changed.',
  copyUnknown: 'This file is not a copy of kept documents, or it is damaged.',
  copyForeign: 'This copy belongs to another network.',
  addPasskey: 'Add another passkey',
  passkeyAdded: 'The passkey is added: it opens what is kept here too.',
  unreadable: 'Damaged or changed, so not shown: {count}.',
  damaged: 'What is kept here cannot be opened: it was damaged or changed. Nothing was deleted.',
  newer: 'A newer version of this page made this. Load the page again. Nothing was deleted.',
  changed: 'Another tab changed what is kept here. This is how it is now.',
  full: 'There is no room for more. Nothing is lost: delete something, or save the document as a file.',
  unavailable:
    'This browser keeps nothing for this page, perhaps because the window is private. Save the document as a file.',
  noSecret: 'The passkeys of this device cannot lock documents. Keep it without a passkey, or use another device.',
}

export function keptMessages(language: string): KeptMessages {
  return lateMessages(language, 'kept', english)
}
