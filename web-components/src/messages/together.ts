// The words for acts of several persons, which load only when somebody signs one. A page may lay its own over them: `setMessages`.

import { lateMessages } from './messages.ts'

export type TogetherMessages = Readonly<Record<TogetherText, string>>

type TogetherText =
  | 'heading'
  | 'lead'
  | 'leadWhole'
  | 'leadDeclined'
  | 'leadOver'
  | 'signed'
  | 'declined'
  | 'missing'
  | 'void'
  | 'you'
  | 'reason'
  | 'deadline'
  | 'openUntil'
  | 'link'
  | 'linkHint'
  | 'save'
  | 'handIn'
  | 'takeBack'
  | 'takeBackHint'
  | 'takeBackSure'
  | 'addHeading'
  | 'addLabel'
  | 'add'
  | 'file'
  | 'declineHeading'
  | 'declineLead'
  | 'declineLabel'
  | 'decline'
  | 'back'

const english: TogetherMessages = {
  heading: 'Who has signed',
  lead: 'Nothing is handed in before everyone has signed. Send this link to whoever is missing; each can open it on this page.',
  leadWhole: 'Everyone has signed. It can be handed in now.',
  leadDeclined: 'It will not be handed in: somebody has declined. Send this link back, so that the others see why.',
  leadOver: 'It can’t be handed in any more: its time has passed, or somebody took a signature back.',
  signed: 'signed',
  declined: 'declined',
  missing: 'no answer yet',
  void: 'took the signature back',
  you: 'You',
  reason: 'Reason: {reason}',
  deadline: 'Void after block {deadline}; the newest is block {height}.',
  openUntil: 'All must have signed by about {time}. After that nobody can hand it in, and it has to be begun anew.',
  link: 'Link to this proposal',
  linkHint: 'Whoever has it can read the document.',
  save: 'Save as a file',
  handIn: 'Hand in',
  takeBack: 'Take my signature back',
  takeBackHint: 'Hands in that what you signed here is void. Nobody can hand it in afterwards.',
  takeBackSure: 'Yes, take it back',
  addHeading: 'Did an answer come back?',
  addLabel: 'Link or text of the answer',
  add: 'Add the answer',
  file: 'Or choose its file',
  declineHeading: 'Decline',
  declineLead: 'You sign that you do not sign this, and why. It goes back to the others and not to the ledger.',
  declineLabel: 'Your reason',
  decline: 'Sign that I decline',
  back: 'Back',
}

/** Of the language that the elements speak; English where there is none. */
export function togetherMessages(language: string): TogetherMessages {
  return lateMessages(language, 'together', english)
}
