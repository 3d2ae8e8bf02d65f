// Importing this registers the elements that a page needs to sign, and no more.

export { configure } from '../configure.ts'
export { setMessages } from '../messages/messages.ts'
export { MunimentNetwork } from '../network/network.ts'
export type { SignRequest } from './flow.ts'
export { MunimentSign } from './sign.ts'
