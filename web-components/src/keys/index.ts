// Importing this registers the elements that a page needs to keep people's keys, and no more.

export { configure } from '../configure.ts'
export { setMessages } from '../messages/messages.ts'
export { MunimentNetwork } from '../network/network.ts'
export { MunimentKeys } from '../sign/keys.ts'
