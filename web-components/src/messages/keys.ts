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
  | 'unknownAccounts'
  | 'argumentAlgorithm'
  | 'argumentKey'
  | 'argumentPages'
  | 'argumentRpId'
  | 'argumentGuardians'
  | 'argumentThreshold'
  | 'light'
  | 'lightKey'
  | 'begin'
  | 'elsewhere'
  | 'lost'
  | 'lostLead'
  | 'lostAccount'
  | 'lostFind'
  | 'badAccount'
  | 'lostHeading'
  | 'lostChoose'
  | 'lostTooFew'
  | 'lostNone'
  | 'lostMake'
  | 'lostMakeDevice'
  | 'lostLink'
  | 'lostLinkHint'
  | 'lostOffice'
  | 'lostOfficeHint'
  | 'lostLook'
  | 'lostWaiting'
  | 'lostRunning'
  | 'lostOther'
  | 'lostReady'
  | 'lostFinish'
  | 'lostDone'
  | 'lostForget'
  | 'delegations'
  | 'delegationsLead'
  | 'delegateTo'
  | 'delegateScope'
  | 'delegateWhole'
  | 'delegateUntil'
  | 'delegateSet'
  | 'badDelegation'
  | 'delegationGiven'
  | 'delegationHeld'
  | 'delegationOver'
  | 'delegationEnd'
  | 'delegationsKnown'
  | 'delegationLink'
  | 'argumentTo'
  | 'argumentScope'
  | 'argumentUntil'
  | 'argumentAccount'
  | 'argumentDelegation'
  | 'argumentIdentity'
  | 'acting'
  | 'actingHeading'
  | 'actingSelf'
  | 'actingFor'

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
  unknownAccounts:
    'The ledger does not know these accounts yet: {accounts}. Compare each character with its holder: an account with one wrong character is nobody’s.',
  argumentAlgorithm: 'Kind of key',
  argumentKey: 'Key',
  argumentPages: 'Pages that may ask for it',
  argumentRpId: 'Site of the passkey',
  argumentGuardians: 'Guardians',
  argumentThreshold: 'How many must agree',
  light:
    'This account signs everyday acts only. What matters most – guardians, keys, delegation, oaths – is signed with a passkey. An office can give this account one; or begin another account with a passkey here.',
  lightKey: 'everyday acts only',
  begin: 'Begin an account with a passkey',
  elsewhere: 'Keys, guardians and delegations are changed on {host}.',
  lost: 'I have lost the keys of an account',
  lostLead:
    'A new key is made on this device. Guardians of the account, or two officials of an office, name it to the ledger; after a delay of days it takes the place of the old keys.',
  lostAccount: 'The lost account (64 letters and digits)',
  lostFind: 'Find it',
  badAccount: 'An account has 64 letters and digits.',
  lostHeading: 'Recover an account',
  lostChoose: 'Which guardians will you ask? At least {count} must agree.',
  lostTooFew: 'Choose at least {count} guardians.',
  lostNone:
    'This account has named no guardians. Two officials of an office can recover it: show them this number of your new key.',
  lostMake: 'Make a new passkey and ask them',
  lostMakeDevice: 'Make a new key of this browser and ask them',
  lostLink: 'Link for the guardians',
  lostLinkHint:
    'Send it to one of them. Each signs it and sends it on to the next; the last one hands it in. It shows which account, and nothing else of yours.',
  lostOffice: 'Or go to an office',
  lostOfficeHint: 'Two officials can name your new key when they have seen you. Show them this text.',
  lostLook: 'See how it stands',
  lostWaiting: 'The ledger has not heard of it yet.',
  lostRunning: 'Your new key can take over from {time} on. Until then whoever holds an old key can cancel it.',
  lostOther: 'Somebody else’s key is named in a recovery of this account. If you did not ask for it, go to an office.',
  lostReady: 'The delay is over: your new key can take over now.',
  lostFinish: 'Take over with the new key',
  lostDone: 'The account is yours again. The old keys have ended.',
  lostForget: 'Give up this recovery',
  delegations: 'Who may act for you',
  delegationsLead:
    'Somebody takes the steps that you choose in your name, until the day that you choose. Never keys or guardians.',
  delegateTo: 'That person’s account (64 letters and digits)',
  delegateScope: 'What may be done',
  delegateWhole: 'Everything in “{service}”',
  delegateUntil: 'Until the end of',
  delegateSet: 'Let this person act for me',
  badDelegation: 'Name one other person’s account, at least one step, and a day to come.',
  delegationGiven: '{person} acts for you until {time}',
  delegationHeld: 'You act for {person} until {time}',
  delegationOver: 'over',
  delegationEnd: 'End this delegation',
  delegationsKnown: 'This browser lists those that were given or opened here.',
  delegationLink: 'Give the other person this link, to act for you with it',
  argumentTo: 'Who acts',
  argumentScope: 'What may be done',
  argumentUntil: 'Until',
  argumentAccount: 'Account',
  argumentDelegation: 'Delegation',
  argumentIdentity: 'Signs what matters most',
  acting: 'In the name of',
  actingHeading: 'In whose name?',
  actingSelf: 'In my own name',
  actingFor: 'You act for {person}, until {time}',
}

/** Of the language that the elements speak; English where there is none. */
export function keysMessages(language: string): KeysMessages {
  return lateMessages(language, 'keys', english)
}
