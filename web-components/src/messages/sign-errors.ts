// What went wrong in signing, in words that load with the elements that sign. A page may lay its own over them: `setMessages`.

import { type EarlySignErrorCode, lateMessages } from './messages.ts'

export type SignErrorMessages = Readonly<Record<EarlySignErrorCode, string>>

const english: SignErrorMessages = {
  incomplete: 'Something is missing: fill in every field first.',
  'too-long': 'A field is too long to be shown in full before signing.',
  'no-network': 'This page names no network to sign for.',
  unreachable: 'The network could not be reached. Nothing was handed in; try again.',
  'service-unknown': 'The ledger has no such service, or it does not let a citizen take this step.',
  'bytes-differ': 'What was prepared is not what you asked for. Nothing was signed.',
  'signers-missing': 'This step takes more persons: name the others who sign.',
  'signer-unknown': 'An account of another signer is missing or mistyped. It has 64 letters and digits.',
  'signer-self': 'You named yourself as the other signer. Name another person’s account.',
  'signer-not-asked':
    'This proposal does not ask your account to sign. You may have to sign with another key of yours.',
  'proposal-unreadable': 'This is not a proposal that can be read, or a part of it is missing.',
  'proposal-elsewhere': 'This proposal is for another network.',
  'proposal-forged': 'An answer in this proposal was not signed by the person it names. Do not sign it.',
  'proposal-other': 'This answer belongs to another proposal.',
  'no-key': 'This browser could not make or load a key.',
  'key-elsewhere': 'This browser already keeps a key. It is not replaced, since that one would be lost.',
  'key-ended': 'Your account no longer holds this key. Sign with another one of yours.',
  'passkey-unsupported':
    'This browser or device can’t make or use such a passkey. Choose another way to sign, or another device.',
  'passkey-cancelled':
    'Your device did not sign: you cancelled, or it has no such passkey. Nothing is lost; try again.',
  'passkey-timeout': 'Your device waited too long for you and gave up. Nothing is lost; try again.',
  'passkey-wrong-site': 'Your passkey does not belong to this site. Sign on the site where you made it.',
  'passkey-other': 'Another passkey answered than the one that was asked for. Choose the one shown in the review.',
  'passkey-exists': 'This device already holds a passkey of yours. Use that one.',
  'passkey-unknown': 'The ledger knows no account of this passkey. If it was never used to sign, make a new one.',
  'passkey-unverified':
    'Your device did not check that it is you, or did not answer as it must. Try again, with its fingerprint, face or PIN switched on.',
  refused: 'The ledger did not take it. Try again.',
  'not-included': 'The ledger has not proved in time that it holds it. It may still arrive; check the link later.',
  'not-verified': 'The ledger’s record did not pass the check.',
  stopped: 'You stopped waiting. The ledger may still take what was signed; check the link later.',
  unexpected: 'Something unexpected happened on this page.',
}

export function signErrorMessages(language: string): SignErrorMessages {
  return lateMessages(language, 'signErrors', english)
}
