// The words of <muniment-keys>, which load with it. A page may lay its own over them: `setMessages`.

import { lateMessages } from './messages.ts'

export type KeysMessages = Readonly<Record<KeysText, string>>

type KeysText =
  | 'opening'
  | 'none'
  | 'makeDevice'
  | 'account'
  | 'accountHint'
  | 'passkey'
  | 'deviceKey'
  | 'here'
  | 'since'
  | 'end'
  | 'onlyOne'
  | 'addPasskey'
  | 'addDevice'
  | 'which'
  | 'reviewHeading'
  | 'confirm'
  | 'back'
  | 'waiting'
  | 'done'
  | 'recoveryHeading'
  | 'recoveryText'
  | 'cancelRecovery'
  | 'guardians'
  | 'guardiansNone'
  | 'guardiansLead'
  | 'guardiansLabel'
  | 'threshold'
  | 'setGuardians'
  | 'badGuardians'
  | 'argumentAlgorithm'
  | 'argumentKey'
  | 'argumentPages'
  | 'argumentRpId'
  | 'argumentGuardians'
  | 'argumentThreshold'

const english: KeysMessages = {
  opening: 'Asking the ledger for your keys.',
  none: 'This browser knows no key of yours yet.',
  makeDevice: 'Make a key of this browser',
  account: 'Your account',
  accountHint: 'Give it to whoever wants you to sign something together.',
  passkey: 'Passkey',
  deviceKey: 'Key of a browser or device',
  here: 'in use here',
  since: 'since block {height}',
  end: 'End this key',
  onlyOne: 'You have only one key. Add a second one now: whoever loses the last key can sign no more.',
  addPasskey: 'Add a passkey',
  addDevice: 'Add a key of this browser',
  which: 'Which account?',
  reviewHeading: 'This is what you will sign',
  confirm: 'Sign and hand in',
  back: 'Back',
  waiting: 'Handed in. Waiting until the ledger proves that it was done.',
  done: 'Done, and proved by the ledger.',
  recoveryHeading: 'Somebody is replacing your keys',
  recoveryText:
    'From {time} on, the key {key} can take the place of all keys below. If you did not ask for it, cancel it now.',
  cancelRecovery: 'Cancel it',
  guardians: 'If you lose your keys: {count} of {total} guardians can give you a new one, after a delay.',
  guardiansNone:
    'If you lose your keys, only an office can help. Name guardians: people who together can give you a new key.',
  guardiansLead: 'Nothing happens at once: there is a delay of days in which any of your keys cancels it.',
  guardiansLabel: 'Accounts of your guardians, with spaces between them',
  threshold: 'How many of them must agree',
  setGuardians: 'Name these guardians',
  badGuardians:
    'Each account has 64 letters and digits, stands once, and is not your own; and at least one, at most all of them must agree.',
  argumentAlgorithm: 'Kind of key',
  argumentKey: 'Key',
  argumentPages: 'Pages that may ask for it',
  argumentRpId: 'Site of the passkey',
  argumentGuardians: 'Guardians',
  argumentThreshold: 'How many must agree',
}

/** Of the language that the elements speak; English where there is none. */
export function keysMessages(language: string): KeysMessages {
  return lateMessages(language, 'keys', english)
}
