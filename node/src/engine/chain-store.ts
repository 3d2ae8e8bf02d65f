// Blocks, commits, validator sets and results by height, as RPC and peers read them.

import {
  type Block,
  type BlockId,
  blockId as blockIdMessage,
  block as blockMessage,
  type Commit,
  commit as commitMessage,
  type LightBlock,
  limits,
  type Message,
  protobuf,
  type ValidatorSet,
  validatorSet as validatorSetMessage,
} from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import type { LedgerEvent, TransactionResult, ValidatorUpdate } from '../ledger/application.ts'
import { eventsTextLengthMax } from '../limits.ts'
import type { Database, Write } from '../storage/database.ts'
import { height64, index32, key, keySpace, readHeight64, readIndex32 } from '../storage/keys.ts'

import { type EventPlace, type EventSearch, eventWrites, readIndexedFrom, searchEvents } from './event-index.ts'
import { formatEvents, parseEvents } from './event-text.ts'

export type StoredBlock = {
  readonly block: Block
  readonly blockId: BlockId
  /** Length of the encoded block, which the block metas of the RPC tell. */
  readonly size: number
}

export type StoredResults = {
  readonly results: readonly TransactionResult[]
  readonly validatorUpdates: readonly ValidatorUpdate[]
  readonly appHash: Uint8Array
  readonly events?: readonly LedgerEvent[]
}

export type Chain = {
  readonly block: (height: bigint) => StoredBlock | undefined
  /** The one that the next block carries; at the newest height the one that was seen. */
  readonly commit: (height: bigint) => Commit | undefined
  readonly validators: (height: bigint) => ValidatorSet | undefined
  readonly results: (height: bigint) => StoredResults | undefined
  readonly lightBlock: (height: bigint) => LightBlock | undefined
  readonly heightOf: (blockHash: Uint8Array) => bigint | undefined
  /** By the SHA-256 of the transaction. */
  readonly transaction: (hash: Uint8Array) => { readonly height: bigint; readonly index: number } | undefined
  /** The first height whose events are in the index; undefined before the first start with one. */
  readonly indexedFrom: () => bigint | undefined
  /** Places whose events have the attribute, ascending; undefined where they are too many (event-index.ts). */
  readonly search: (asked: EventSearch) => Promise<readonly EventPlace[] | undefined>
}

type BlockRecord = { readonly blockId: BlockId; readonly block: Uint8Array }

const blockRecord: Message<BlockRecord> = protobuf.message({
  blockId: protobuf.always(1, blockIdMessage),
  block: protobuf.bytes(2, limits.blockBytesMax),
})

/** Events as event-text.ts writes them; blocks that an older version made have none. */
type StoredResult = Omit<TransactionResult, 'events'> & { readonly events: string }
type ResultsRecord = Omit<StoredResults, 'results' | 'events'> & {
  readonly results: readonly StoredResult[]
  readonly events: string
}

const resultMessage: Message<StoredResult> = protobuf.message({
  code: protobuf.uint32(1),
  log: protobuf.string(2, limits.transactionBytesMax),
  data: protobuf.bytes(3, limits.blockBytesMax),
  events: protobuf.string(4, eventsTextLengthMax),
})

const updateMessage: Message<ValidatorUpdate> = protobuf.message({
  publicKey: protobuf.bytes(1, 32),
  power: protobuf.uint64(2),
})

const resultsRecord: Message<ResultsRecord> = protobuf.message({
  results: protobuf.repeated(1, resultMessage, limits.blockTransactionsMax),
  validatorUpdates: protobuf.repeated(2, updateMessage, limits.validatorsMax),
  appHash: protobuf.bytes(3, limits.appHashBytesMax),
  events: protobuf.string(4, eventsTextLengthMax),
})

export function chainOf(database: Database): Chain {
  function read<T>(space: (typeof keySpace)['block' | 'commit' | 'validators' | 'results'], message: Message<T>) {
    return (height: bigint): T | undefined => {
      const stored = height > 0n ? database.get(key(space, height64(height))) : undefined
      return stored && intact(() => message.decode(stored))
    }
  }
  const record = read(keySpace.block, blockRecord)
  const commit = read(keySpace.commit, commitMessage)
  const validators = read(keySpace.validators, validatorSetMessage)
  const resultsAt = read(keySpace.results, resultsRecord)

  function results(height: bigint): StoredResults | undefined {
    const found = resultsAt(height)
    return found && readResults(found)
  }

  function block(height: bigint): StoredBlock | undefined {
    const found = record(height)
    return (
      found && {
        block: intact(() => blockMessage.decode(found.block)),
        blockId: found.blockId,
        size: found.block.length,
      }
    )
  }

  function lightBlock(height: bigint): LightBlock | undefined {
    const header = block(height)?.block.header
    const signed = commit(height)
    const validatorSet = validators(height)
    return header && signed && validatorSet && { header, commit: signed, validatorSet }
  }

  function heightOf(blockHash: Uint8Array): bigint | undefined {
    const stored = database.get(key(keySpace.blockHash, blockHash))
    return stored && readHeight64(stored)
  }

  function transaction(hash: Uint8Array): { height: bigint; index: number } | undefined {
    const stored = database.get(key(keySpace.transaction, hash))
    return stored && { height: readHeight64(stored), index: readIndex32(stored, 8) }
  }

  return {
    ...{ block, commit, validators, results, lightBlock, heightOf, transaction },
    indexedFrom: () => readIndexedFrom(database),
    search: asked => searchEvents(database, asked),
  }
}

export type DecidedBlock = {
  readonly block: Block
  readonly encoded: Uint8Array
  readonly blockId: BlockId
  /** The commit just made for this block. */
  readonly seenCommit: Commit
  readonly validators: ValidatorSet
  readonly results: StoredResults
}

/** What one block adds to the chain; part of its durable batch. */
export function blockWrites(decided: DecidedBlock): readonly Write[] {
  const { block, blockId } = decided
  const { height } = block.header
  const at = height64(height)
  const record = { blockId, block: decided.encoded }
  const writes: Write[] = [
    ...resultWrites(height, decided.results),
    { key: key(keySpace.block, at), value: blockRecord.encode(record) },
    { key: key(keySpace.commit, at), value: commitMessage.encode(decided.seenCommit) },
    { key: key(keySpace.validators, at), value: validatorSetMessage.encode(decided.validators) },
    { key: key(keySpace.blockHash, blockId.hash), value: at },
  ]
  if (height > 1n) {
    writes.push({ key: key(keySpace.commit, height64(height - 1n)), value: commitMessage.encode(block.lastCommit) })
  }
  block.txs.forEach((transaction, index) => {
    const place = new Uint8Array(12)
    place.set(at)
    place.set(index32(index), 8)
    writes.push({ key: key(keySpace.transaction, sha256(transaction)), value: place })
  })
  return writes
}

/** What came of a block's transactions, and where its events are found; by themselves where a block is worked out again. */
export function resultWrites(height: bigint, results: StoredResults): readonly Write[] {
  const { validatorUpdates, appHash, events = [] } = results
  const record: ResultsRecord = {
    ...{ validatorUpdates, appHash, events: formatEvents(events) },
    results: results.results.map(each => ({
      ...{ code: each.code, log: each.log, data: each.data },
      events: formatEvents(each.events ?? []),
    })),
  }
  return [
    { key: key(keySpace.results, height64(height)), value: resultsRecord.encode(record) },
    ...eventWrites(height, results),
  ]
}

/** Events are read when somebody asks for them. */
function readResults({ results, events, ...rest }: ResultsRecord): StoredResults {
  return {
    ...rest,
    results: results.map(({ events: text, ...result }) => ({
      ...result,
      get events() {
        return parseEvents(text)
      },
    })),
    events: parseEvents(events),
  }
}

function intact<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw new HomeError('home-corrupt', 'A block on this disk is damaged; restore it from a backup.', error)
  }
}
