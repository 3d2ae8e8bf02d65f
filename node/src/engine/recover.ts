// What happens at a start, before the first new block: is this home ours to write to, and do store, application and sign
// state tell one story? Each answer that is no becomes one sentence.

import { access } from 'node:fs/promises'
import { encodeCanonicalJson, equals, headerHash } from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import { replayBlocksMax } from '../limits.ts'
import { chainStateWrite, genesisState, genesisWrite, readChainState, readGenesis } from './chain-state.ts'
import { type Chain, chainOf, resultWrites } from './chain-store.ts'
import type { EngineOptions } from './engine.ts'
import { indexedFromWrite, readIndexedFrom } from './event-index.ts'
import { type ChainState, haveTwoThirds } from './propose.ts'
import { finalizeRequest, initChainRequest } from './requests.ts'
import { loadSignedHeight, readSignState } from './sign-state.ts'

/** Brings application and store to one height and answers the state of the chain there. Throws HomeError. */
export async function recover(options: EngineOptions): Promise<ChainState> {
  await refuseSealed(options)
  refuseSigners(options)
  refuseOtherGenesis(options)
  const state = readChainState(options.database, options.genesis) ?? (await initialise(options))
  const chain = chainOf(options.database)
  checkNewestBlock(chain, state)
  await checkSignState(options, state)
  const from = options.application.info().height + 1n
  await replay(options, chain, state)
  const indexed = readIndexedFrom(options.database)
  if (indexed === undefined || from < indexed) await options.database.write([indexedFromWrite(from)])
  const addresses = options.signers.map(signer => signer.address)
  if (!haveTwoThirds(state.validators, addresses)) {
    throw new HomeError('signer-refused', `The validator key here has no majority in the chain ${state.chainId}.`)
  }
  return state
}

/** Security rule 13: after a takeover by CometBFT the old engine never signs again. */
async function refuseSealed({ sealFile }: EngineOptions): Promise<void> {
  if (sealFile === undefined) return
  const sealed = await access(sealFile).then(
    () => true,
    () => false,
  )
  if (!sealed) return
  throw new HomeError('home-sealed', `This home is sealed by ${sealFile}: another engine goes on with its chain.`)
}

/** Security rule 1: many signatures of one machine must not look like many parties. */
function refuseSigners({ signers, genesis }: EngineOptions): void {
  if (signers.length === 1 || (signers.length > 1 && genesis.chainId.startsWith('test-'))) return
  throw new HomeError(
    'signer-refused',
    'Only a chain whose id begins with test- may have several signers in one process.',
  )
}

function refuseOtherGenesis({ database, genesis }: EngineOptions): void {
  const stored = readGenesis(database)
  if (!stored || equals(stored, encodeCanonicalJson(genesis.json))) return
  throw new HomeError('home-other-chain', 'This home belongs to a chain with another genesis file.')
}

async function initialise({ database, application, genesis }: EngineOptions): Promise<ChainState> {
  const { height, appVersion } = application.info()
  if (height !== 0n) throw corrupt('the application has blocks and the store has none')
  if (appVersion !== genesis.appVersion) {
    const wanted = `version ${genesis.appVersion} of the rules, and this program has version ${appVersion}`
    throw new HomeError('home-other-chain', `The genesis file asks for ${wanted}.`)
  }
  const { appHash } = await application.initChain(initChainRequest(genesis))
  const state = genesisState(genesis, appHash)
  const begun = [genesisWrite(encodeCanonicalJson(genesis.json)), chainStateWrite(state), indexedFromWrite(1n)]
  await database.write(begun)
  return state
}

function checkNewestBlock(chain: Chain, state: ChainState): void {
  if (state.height === 0n) return
  const stored = chain.block(state.height)
  const whole =
    stored &&
    chain.commit(state.height) &&
    chain.validators(state.height) &&
    equals(stored.blockId.hash, state.blockId.hash) &&
    equals(headerHash(stored.block.header, nodeHasher), state.blockId.hash)
  if (!whole) throw corrupt(`block ${state.height} is missing or damaged`)
}

/** A signer that has signed more than the store knows must not sign again (security rule 14). */
async function checkSignState({ database, signers, signStateFile }: EngineOptions, state: ChainState): Promise<void> {
  const heights = signers.map(signer => readSignState(database, signer)?.height ?? 0n)
  if (signStateFile !== undefined) heights.push(await loadSignedHeight(signStateFile))
  const signed = heights.find(height => height > state.height)
  if (signed === undefined) return
  throw new HomeError(
    'blocks-lost',
    `Block ${signed} was signed here, but the store ends at ${state.height}: it lost blocks or is an old backup.`,
  )
}

/** CometBFT's rule: the application may be behind the store, never ahead of it. */
async function replay({ application }: EngineOptions, chain: Chain, state: ChainState): Promise<void> {
  const from = application.info().height + 1n
  if (from > state.height + 1n) throw corrupt('the application is ahead of the block store')
  if (state.height - from > BigInt(replayBlocksMax)) throw corrupt('the application is too far behind')
  for (let height = from; height <= state.height; height++) {
    const stored = chain.block(height)
    if (!stored) throw corrupt(`block ${height} is missing`)
    const { block, blockId } = stored
    const answer = await application.finalizeBlock(finalizeRequest(block, blockId.hash))
    // The index of events is made again with the state.
    await application.commit(resultWrites(height, answer))
    const expected = height === state.height ? state.appHash : chain.block(height + 1n)?.block.header.appHash
    if (!expected || !equals(application.info().appHash, expected)) {
      throw corrupt(`block ${height} gives another app hash than it did before`)
    }
  }
  if (state.height > 0n && !equals(application.info().appHash, state.appHash)) {
    throw corrupt('application and block store disagree on the newest app hash')
  }
}

function corrupt(what: string): HomeError {
  return new HomeError(
    'home-corrupt',
    `The data of this home do not fit together: ${what}; restore them from a backup.`,
  )
}
