// The words for what the ledger makes public of a case, an account's recovery and the network, which load with it. A page may lay its own
// over them: `setMessages`.

import { lateMessages } from './messages.ts'

export type PublicFactsMessages = Readonly<Record<PublicFactsText, string>>

type PublicFactsText =
  | 'caseLabel'
  | 'caseNone'
  | 'accountLabel'
  | 'accountNone'
  | 'unreadable'
  | 'show'
  | 'state'
  | 'since'
  | 'clock'
  | 'late'
  | 'paused'
  | 'clockNone'
  | 'payBy'
  | 'officials'
  | 'officialsNone'
  | 'rota'
  | 'again'
  | 'drawnValidators'
  | 'drawnOperator'
  | 'drawWaiting'
  | 'drawWrong'
  | 'looks'
  | 'looksLead'
  | 'secretLabel'
  | 'looksNone'
  | 'lookReason'
  | 'lookFields'
  | 'lookFalse'
  | 'content'
  | 'destroyed'
  | 'destroyDue'
  | 'destroyBy'
  | 'kept'
  | 'documentDestroyed'
  | 'validators'
  | 'unmet'
  | 'missed'
  | 'figures'
  | 'opened'
  | 'overdue'
  | 'corrections'
  | 'correctedWithin'
  | 'correctedMore'
  | 'figuresNone'
  | 'recovery'
  | 'recoveryNone'
  | 'recoveryRunning'
  | 'recoveryReady'
  | 'recoveryDone'
  | 'recoveryCancelled'
  | 'recoveryExpired'

const english: PublicFactsMessages = {
  caseLabel: 'Number of the case',
  caseNone: 'The ledger proves that there is no such case.',
  accountLabel: 'Number of the account',
  accountNone: 'The ledger proves that there is no such account.',
  unreadable: 'This can’t be read. Copy all of it.',
  show: 'Show',
  state: 'Where it stands',
  since: '{state}, since {date}',
  clock: 'Deadline',
  late: 'The office is late since {date}.',
  paused: 'The clock stands still, with {time} left.',
  clockNone: 'No clock is running.',
  payBy: '{name}: to be paid by {date}',
  officials: 'Who was chosen to decide',
  officialsNone: 'Nobody was chosen yet.',
  rota: 'The next in turn, out of {count}. That can be foreseen.',
  again: 'The same official as when this matter was first filed.',
  drawnValidators: 'Drawn by lot, out of {count}; worked out again here. No single operator could choose.',
  drawnOperator: 'Drawn by lot, out of {count}; worked out again here. But one operator could have steered it.',
  drawWaiting: 'Not drawn yet, out of {count}.',
  drawWrong: 'The draw does not fit what the ledger shows. Object to it.',
  looks: 'Who looked at the private content',
  looksLead: 'Whoever has the secret of the case can see this. The secret itself stays on this device.',
  secretLabel: 'Secret of the case',
  looksNone: 'Nobody looked, as of {date}. This is proved, if the secret is that of this case.',
  lookReason: 'Reason: {reason}',
  lookFields: 'Opened: {fields}',
  lookFalse: 'This entry does not fit the case. The official named here made it all the same.',
  content: 'Private content',
  destroyed: 'Destroyed. An official signed this on {date}.',
  destroyDue: 'It should have been destroyed by {date}. Nobody has signed that it was.',
  destroyBy: 'To be destroyed by {date}.',
  kept: 'Kept. Only its seal is on the ledger.',
  documentDestroyed:
    'An official signed on {date} that the private content of the case behind this document was destroyed. That does not change the verdict.',
  validators: 'Validators',
  unmet: 'Promises reported as not kept: {count}',
  missed: 'Missed turns at draws: {count}',
  figures: 'The last twelve months',
  opened: 'Cases opened: {count}',
  overdue: 'Cases past their deadline: {count}',
  corrections: 'Corrections: {count}',
  correctedWithin: 'Half of the corrections took at most {time}.',
  correctedMore: 'Half of the corrections took more than {time}.',
  figuresNone: 'Nothing was counted.',
  recovery: 'Replacing the keys',
  recoveryNone: 'Nobody is replacing the keys of this account.',
  recoveryRunning:
    'Somebody is replacing the keys of this account. Until {date} at least, any of its keys can stop that.',
  recoveryReady: 'A new key can take over since {date}. Until it does, any of the old keys can stop that.',
  recoveryDone: 'The keys were replaced: a new one began at block {height}, and all earlier ones ended there.',
  recoveryCancelled:
    'The replacement that was under way when you last looked here was stopped. The keys stay as they were.',
  recoveryExpired: 'What the guardians were asked to sign has expired. Ask them again.',
}

export function publicFactsMessages(language: string): PublicFactsMessages {
  return lateMessages(language, 'publicFacts', english)
}
