// A node's home: which file stands where.

import { join } from 'node:path'

export type Home = {
  readonly folder: string
  readonly genesis: string
  readonly validatorKey: string
  readonly signState: string
  readonly data: string
  readonly peerKey: string
  readonly certificate: string
  /** Signs the heads of the history log. */
  readonly logKey: string
  /** The newest head with its cosignatures. */
  readonly witnessedHead: string
  /** Where this file exists, another engine has taken the chain over. */
  readonly seal: string
  /** How far a clock that is told is ahead of the machine's. */
  readonly clock: string
}

export function homeOf(folder: string): Home {
  return {
    folder,
    genesis: join(folder, 'config', 'genesis.json'),
    validatorKey: join(folder, 'config', 'priv_validator_key.json'),
    signState: join(folder, 'data', 'priv_validator_state.json'),
    data: join(folder, 'data', 'store'),
    peerKey: join(folder, 'config', 'peer_key'),
    certificate: join(folder, 'config', 'webrtc_certificate.json'),
    logKey: join(folder, 'config', 'log_key.json'),
    witnessedHead: join(folder, 'data', 'witnessed_head.txt'),
    seal: join(folder, 'sealed'),
    clock: join(folder, 'data', 'clock.json'),
  }
}

/** Where nodes are dialled in our own way. */
export function directPortOf({ p2pPort, directPort }: Pick<NodeConfig, 'p2pPort' | 'directPort'>): number {
  return directPort ?? (p2pPort === 0 ? 0 : p2pPort + 1)
}

export type NodeConfig = {
  readonly home: string
  /** An address of this machine; 127.0.0.1 unless told otherwise. */
  readonly host: string
  /** 0: any that is free. */
  readonly rpcPort: number
  readonly p2pPort: number
  /** UDP port of our own dial; the one after `p2pPort` where none is given. */
  readonly directPort?: number
  /** Origins that may read the RPC from pages of theirs; `*` is all of them. */
  readonly corsOrigins: readonly string[]
  /** PEM files: the RPC answers by HTTPS with them. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  /** Addresses of witnesses (c2sp.org/tlog-witness) that each new head is pushed to. */
  readonly witnesses?: readonly string[]
  /** A file with the newest checkpoint, which the node hands on; it is read anew when it is asked for. */
  readonly checkpoint?: string
  /** `manual`: block time is told by a command, on a chain that was begun for that. */
  readonly clock?: 'system' | 'manual'
  /** Blocks with transactions are at least so far apart. */
  readonly blockIntervalMs?: number
}
