// WebRTC to nodes and to other browsers. This part brings libp2p and is loaded only where a live check is made:
// `@muniment/sdk/p2p`.

export { type DirectAddress, formatDirectAddress } from './address.ts'
export { type AnswerParts, type Caller, createDialAnswerer, type DialAnswerer, type Encrypter } from './answer-dial.ts'
export type { Fingerprints } from './binding.ts'
export { type Bucket, createBucket } from './bucket.ts'
export type { ByteChannel, ChannelListener } from './channel.ts'
export { type Candidate, type DescriptionRole, isIceText, type Side, writeDescription } from './description.ts'
export { directUfragPrefix } from './dial.ts'
export { createIntroducer, type Introducer, type IntroducerOptions } from './introducer.ts'
export { introduceProtocol, type SignedBlob } from './introduction.ts'
export { parseIp } from './ip.ts'
export { answerQuery, queryProtocol } from './messages.ts'
export { type Answer, createPeers, type Neighbour, type Offer, type Peers, type PeersOptions } from './peers.ts'
// For a node, which has a WebRTC library of its own.
export {
  createQueryServer,
  type PeerConnection,
  type PeerStream,
  type QueryServer,
  type QueryServerOptions,
} from './serve.ts'
