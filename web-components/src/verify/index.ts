// The elements of a page that only checks: nothing that signs is loaded.

export { configure } from '../configure.ts'
export { setMessages } from '../messages/messages.ts'
export { MunimentNetwork } from '../network/network.ts'
export { MunimentVerify } from './verify.ts'
