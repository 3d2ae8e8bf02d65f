// Importing this registers the elements. Public names, in the order in which one reads about them.

export { configure } from './configure.ts'
export type { MunimentEvent, MunimentEvents, NetworkErrorCode } from './events.ts'
export type { MessagePack, Messages } from './messages/messages.ts'
export { loadMessages, setMessages } from './messages/messages.ts'
export { MunimentNetwork } from './network/network.ts'
export type { Receipt } from './verify/receipt.ts'
export { MunimentVerify } from './verify/verify.ts'
export type { SignRequest } from './sign/flow.ts'
export { MunimentSign } from './sign/sign.ts'
export { MunimentKeys } from './sign/keys.ts'
export { MunimentRecord } from './record/record.ts'
export { MunimentStatus } from './status/status.ts'
