// The element that says what a page knows of its network, and the network itself.

export { configure } from '../configure.ts'
export { setMessages } from '../messages/messages.ts'
export { MunimentNetwork } from '../network/network.ts'
export { MunimentStatus } from './status.ts'
