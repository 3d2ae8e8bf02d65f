// What the engine must know after a restart, kept in the batch of each block.

import {
  type BlockId,
  blockId,
  consensusParamsHash,
  limits,
  type Message,
  merkleRoot,
  noBlockId,
  protobuf,
  type Timestamp,
  timestamp,
  type ValidatorSet,
  validatorSet,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import type { Database, Write } from '../storage/database.ts'
import { key, keySpace } from '../storage/keys.ts'
import type { Genesis } from './genesis.ts'
import type { ChainState } from './propose.ts'

type StoredState = {
  readonly height: bigint
  readonly time: Timestamp
  readonly blockId: BlockId
  readonly lastValidators: ValidatorSet
  readonly validators: ValidatorSet
  readonly nextValidators: ValidatorSet
  readonly appHash: Uint8Array
  readonly lastResultsHash: Uint8Array
}

const storedState: Message<StoredState> = protobuf.message({
  height: protobuf.uint64(1),
  time: protobuf.always(2, timestamp),
  blockId: protobuf.always(3, blockId),
  lastValidators: protobuf.always(4, validatorSet),
  validators: protobuf.always(5, validatorSet),
  nextValidators: protobuf.always(6, validatorSet),
  appHash: protobuf.bytes(7, limits.appHashBytesMax),
  lastResultsHash: protobuf.bytes(8, 32),
})

const encoder = new TextEncoder()
const stateKey = key(keySpace.meta, encoder.encode('engine'))
const genesisKey = key(keySpace.meta, encoder.encode('genesis'))

/** The state before the first block, but for the app hash that initChain answers. */
export function genesisState(genesis: Genesis, appHash: Uint8Array): ChainState {
  return {
    ...constants(genesis),
    height: 0n,
    time: genesis.time,
    blockId: noBlockId,
    lastValidators: { validators: [], proposer: new Uint8Array(0) },
    validators: genesis.validators,
    nextValidators: genesis.validators,
    appHash,
    lastResultsHash: merkleRoot([], nodeHasher),
  }
}

function constants(genesis: Genesis): Pick<ChainState, 'chainId' | 'appVersion' | 'consensusHash'> {
  const params = { maxBytes: genesis.blockBytesMax, maxGas: genesis.blockGasMax }
  return {
    chainId: genesis.chainId,
    appVersion: genesis.appVersion,
    consensusHash: consensusParamsHash(params, nodeHasher),
  }
}

export function chainStateWrite(state: ChainState): Write {
  return { key: stateKey, value: storedState.encode(state) }
}

/** Undefined before the genesis. Throws HomeError home-corrupt. */
export function readChainState(database: Database, genesis: Genesis): ChainState | undefined {
  const stored = database.get(stateKey)
  if (!stored) return undefined
  try {
    return { ...constants(genesis), ...storedState.decode(stored) }
  } catch (error) {
    throw new HomeError('home-corrupt', 'The chain on this disk is damaged; restore it from a backup.', error)
  }
}

export function genesisWrite(canonical: Uint8Array): Write {
  return { key: genesisKey, value: canonical }
}

export function readGenesis(database: Database): Uint8Array | undefined {
  return database.get(genesisKey)
}
