// WebRTC to nodes and to other browsers. This part brings libp2p and is loaded only where a live check is made:
// `@muniment/sdk/p2p`.

export { type DirectAddress, formatDirectAddress } from './address.ts'
// For a node, which has a WebRTC library of its own.
export {
  type AnswerParts,
  type Caller,
  createDialAnswerer,
  type DialAnswerer,
  type Encrypter,
  type FirstCall,
  type FirstPacket,
  readFirstPacket,
} from './answer-dial.ts'
export { type Bucket, createBucket } from './bucket.ts'
export type { ByteChannel, ChannelListener, Fingerprints } from './byte-channel.ts'
export { createIntroducer, type Introducer, type IntroducerOptions } from './introducer.ts'
export { introduceProtocol, type SignedBlob } from './introduction.ts'
export { answerQuery, queryProtocol } from './messages.ts'
export {
  type Answer,
  createPeers,
  type Neighbour,
  type Offer,
  type PeerCallOptions,
  type Peers,
  type PeersOptions,
} from './peers.ts'
export {
  createQueryServer,
  type PeerConnection,
  type PeerStream,
  type QueryServer,
  type QueryServerOptions,
} from './serve.ts'
