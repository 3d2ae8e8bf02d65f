// The words for what is known of the network. A page may lay its own over them: `setMessages`.

import { lateMessages } from './messages.ts'

export type StatusMessages = Readonly<Record<StatusText, string>>

type StatusText =
  | 'heading'
  | 'idle'
  | 'asking'
  | 'confirmed'
  | 'alone'
  | 'checked'
  | 'offline'
  | 'contradiction'
  | 'unproved'
  | 'height'
  | 'time'
  | 'age'
  | 'witnesses'
  | 'witnessesNone'
  | 'witnessesUnasked'
  | 'witnessesCount'
  | 'peers'
  | 'rpc'
  | 'webrtc'
  | 'neighbour'
  | 'local'
  | 'answered'
  | 'notAsked'
  | 'peersNone'
  | 'ask'
  | 'again'
  | 'block'

const english: StatusMessages = {
  heading: 'The network',
  idle: 'This page has not asked the network yet.',
  asking: 'The network is asked for its newest block.',
  confirmed: 'The newest block checked here is confirmed by independent witnesses.',
  alone: 'The newest block was checked here. Too few independent witnesses have confirmed it.',
  checked: 'The newest block was checked here.',
  offline: 'The network can’t be reached. What was checked before stays checked.',
  contradiction: 'The network’s computers contradict each other. Don’t rely on either of them.',
  unproved: 'The network gave nothing that could be checked.',
  height: 'Newest block checked',
  time: 'Made on',
  age: 'That was',
  witnesses: 'Confirmed by',
  witnessesNone: 'Nobody yet; {needed} are needed.',
  witnessesUnasked: 'This network names no witnesses.',
  witnessesCount: '{count} of the {needed} needed: {names}',
  peers: 'Computers of the network',
  rpc: 'Over HTTPS',
  webrtc: 'Straight from this browser (WebRTC)',
  neighbour: 'Other people’s browsers',
  local: 'On this device',
  answered: '{answered} of {asked} answered',
  notAsked: '{count} not asked',
  peersNone: 'The network names none.',
  ask: 'Ask the network',
  again: 'Ask again',
  block: 'Block {height}, {age}',
}

export function statusMessages(language: string): StatusMessages {
  return lateMessages(language, 'status', english)
}
