// Lies about a valid answer. Some flip a bit of what was sent; most take the answer apart, change what a liar would change,
// make the rest fit as far as he can, and put it together again.

import {
  type Bundle,
  type CommitmentProof,
  type ExistenceProof,
  encodeUtf8,
  headerHash,
  type LightBlock,
  RecordStatus,
  recordEntry,
  validatorsHash,
} from '@muniment/sdk'
import { commitOf, validatorSetOf } from '../signed-chain.ts'
import { crypto, entryOf, type Fixture, membersAt, recordOf } from './fixture.ts'

/** Whole numbers below `bound`, from a seed: SplitMix32. */
export type Random = (bound: number) => number

export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return bound => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) % bound
  }
}

export function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = bytes.slice()
  flipped[random(bytes.length)]! ^= 1 << random(8)
  return flipped
}

type Lie = (bundle: Bundle, fixture: Fixture, random: Random) => Bundle

function withBlock(bundle: Bundle, at: number, change: (block: LightBlock) => LightBlock): Bundle {
  return { ...bundle, blocks: bundle.blocks.map((block, index) => (index === at ? change(block) : block)) }
}

/** Any block but the checkpoint's, and most often the head. */
function someBlock(bundle: Bundle, random: Random): number {
  return random(2) === 0 ? bundle.blocks.length - 1 : random(bundle.blocks.length)
}

function withProof(bundle: Bundle, random: Random, change: (proof: CommitmentProof) => CommitmentProof): Bundle {
  const state = random(bundle.states.length)
  return {
    ...bundle,
    states: bundle.states.map((each, index) => {
      if (index !== state) return each
      const target = random(each.answer.proofs.length)
      const proofs = each.answer.proofs.map((proof, at) => (at === target ? change(proof) : proof))
      return { ...each, answer: { ...each.answer, proofs } }
    }),
  }
}

function withExistence(bundle: Bundle, random: Random, change: (proof: ExistenceProof) => ExistenceProof): Bundle {
  return withProof(bundle, random, proof => (proof.exist ? { ...proof, exist: change(proof.exist) } : proof))
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.length === 0 ? new Uint8Array([random(255) + 1]) : flipBit(bytes, random)
}

/** A head that says what the liar wants, signed by himself as far as he has keys. */
function forgedHead(
  bundle: Bundle,
  _fixture: Fixture,
  given: { readonly appHash?: Uint8Array; readonly seconds?: bigint; readonly signers: readonly string[] },
): Bundle {
  return withBlock(bundle, bundle.blocks.length - 1, block => {
    const { header } = block
    const time = { ...header.time, seconds: header.time.seconds + (given.seconds ?? 0n) }
    const forged = { ...header, time, appHash: given.appHash ?? header.appHash }
    return { ...block, header: forged, commit: commitOf(forged, block.validatorSet, given.signers, crypto) }
  })
}

const names = membersAt(12).map(({ name }) => name)

export const lies: Readonly<Record<string, Lie>> = {
  'a signature is dropped': (bundle, fixture, random) => {
    void fixture
    return withBlock(bundle, someBlock(bundle, random), block => {
      const signed = block.commit.signatures.flatMap((signature, index) => (signature.blockIdFlag === 2 ? [index] : []))
      const target = signed[random(signed.length)]!
      const absent = block.commit.signatures.find(({ blockIdFlag }) => blockIdFlag === 1)!
      return {
        ...block,
        commit: {
          ...block.commit,
          signatures: block.commit.signatures.map((each, index) => (index === target ? absent : each)),
        },
      }
    })
  },
  'one signature is repeated in the place of others': (bundle, fixture, random) => {
    void fixture
    return withBlock(bundle, someBlock(bundle, random), block => {
      const one = block.commit.signatures.find(({ blockIdFlag }) => blockIdFlag === 2)!
      const keepAddress = random(2) === 0
      const signatures = block.commit.signatures.map((each, index) =>
        index < 1 + random(3)
          ? each
          : keepAddress
            ? one
            : { ...one, validatorAddress: block.validatorSet.validators[index]!.address },
      )
      return { ...block, commit: { ...block.commit, signatures } }
    })
  },
  'a minority signs a head over a forged state': (bundle, fixture, random) => {
    const revived = fixture.entries.map(entry =>
      String(entry.key) === String(fixture.keys.revoked)
        ? entryOf(entry.key, recordEntry.encode(recordOf(RecordStatus.current)))
        : entry,
    )
    const signers = names.slice(0, 1 + random(4))
    const forged = forgedHead(bundle, fixture, { appHash: fixture.appHashOf(revived), signers })
    const keys = [fixture.keys.revoked, fixture.keys.office]
    const states = [
      { keys, answer: fixture.stateAnswer(keys, revived) },
      ...bundle.states
        .slice(1)
        .map(({ keys: asked }) => ({ keys: asked, answer: fixture.stateAnswer(asked, revived) })),
    ]
    return { ...forged, document: fixture.documents.revoked, states }
  },
  'a minority signs a head of a later time': (bundle, fixture, random) =>
    forgedHead(bundle, fixture, { seconds: BigInt(1 + random(9)), signers: names.slice(0, 4) }),
  'a set of the liar’s own signs': (bundle, fixture, random) => {
    void fixture
    return withBlock(bundle, bundle.blocks.length - 1, block => {
      const members = Array.from({ length: 1 + random(7) }, (_, index) => ({ name: `liar ${index}`, power: 10n }))
      const validatorSet = validatorSetOf(members, crypto)
      const hash = validatorsHash(validatorSet, crypto)
      const header = {
        ...block.header,
        validatorsHash: hash,
        nextValidatorsHash: hash,
        proposerAddress: validatorSet.validators[0]!.address,
      }
      return {
        header,
        validatorSet,
        commit: commitOf(
          header,
          validatorSet,
          members.map(({ name }) => name),
          crypto,
        ),
      }
    })
  },
  'a validator’s power is raised': (bundle, fixture, random) => {
    void fixture
    return withBlock(bundle, someBlock(bundle, random), block => {
      const target = random(block.validatorSet.validators.length)
      const validators = block.validatorSet.validators.map((each, index) =>
        index === target ? { ...each, votingPower: each.votingPower + BigInt(1 + random(1000)) } : each,
      )
      return { ...block, validatorSet: { ...block.validatorSet, validators } }
    })
  },
  'the commit is of another block': (bundle, fixture, random) => {
    void fixture
    const other = bundle.blocks[random(bundle.blocks.length - 1)]!
    return withBlock(bundle, bundle.blocks.length - 1, block => ({ ...block, commit: other.commit }))
  },
  'a header field is changed and its hash made to fit': (bundle, fixture, random) => {
    void fixture
    return withBlock(bundle, someBlock(bundle, random), block => {
      const fields = [
        'lastCommitHash',
        'dataHash',
        'nextValidatorsHash',
        'consensusHash',
        'appHash',
        'lastResultsHash',
        'evidenceHash',
        'proposerAddress',
      ] as const
      const field = fields[random(fields.length)]!
      const header = { ...block.header, [field]: flipped(block.header[field], random) }
      const blockId = { ...block.commit.blockId, hash: headerHash(header, crypto) }
      return { ...block, header, commit: { ...block.commit, blockId } }
    })
  },
  'two proofs change places': bundle => ({
    ...bundle,
    states: bundle.states.map(state => ({
      ...state,
      answer: { ...state.answer, proofs: [...state.answer.proofs].reverse() },
    })),
    ...(bundle.states[0]!.answer.proofs.length < 2 ? { document: '' } : {}),
  }),
  'the proof of another key is shown': (bundle, fixture, random) => {
    const other = fixture.entries[random(fixture.entries.length)]!
    return withProof(bundle, random, proof => {
      const answer = fixture.stateAnswer([other.key]).proofs[0]!
      return String(answer.exist?.key) === String(proof.exist?.key) ? { exist: undefined, nonexist: undefined } : answer
    })
  },
  'the value of a proof is changed': (bundle, fixture, random) => {
    void fixture
    return withExistence(bundle, random, proof => ({ ...proof, value: flipped(proof.value, random) }))
  },
  'a revoked record is shown as current': (bundle, fixture) => {
    const keys = [fixture.keys.revoked, fixture.keys.office]
    const answer = fixture.stateAnswer(keys)
    const [record, office] = answer.proofs
    const lying = {
      ...record!,
      exist: { ...record!.exist!, value: recordEntry.encode(recordOf(RecordStatus.current)) },
    }
    return {
      ...bundle,
      document: fixture.documents.revoked,
      states: [{ keys, answer: { ...answer, proofs: [lying, office!] } }, ...bundle.states.slice(1)],
    }
  },
  'a document that was never entered is shown with the proof of another': (bundle, fixture) => ({
    ...bundle,
    document: fixture.documents.unknown,
  }),
  'a step of a proof is dropped, doubled or turned': (bundle, fixture, random) => {
    void fixture
    return withExistence(bundle, random, proof => {
      const at = random(Math.max(1, proof.path.length))
      const path = [...proof.path]
      const op = path[at]
      if (!op) return { ...proof, value: flipped(proof.value, random) }
      const kind = random(3)
      if (kind === 0) path.splice(at, 1)
      if (kind === 1) path.splice(at, 0, op)
      if (kind === 2)
        path[at] = {
          ...op,
          prefix: op.suffix.length > 0 ? new Uint8Array([1, ...op.suffix]) : op.prefix.slice(0, 1),
          suffix: op.suffix.length > 0 ? new Uint8Array(0) : op.prefix.slice(1),
        }
      return { ...proof, path }
    })
  },
  'a longer leaf prefix hides another key': (bundle, fixture, random) => {
    void fixture
    return withExistence(bundle, random, proof => ({
      ...proof,
      leaf: { ...proof.leaf!, prefix: new Uint8Array([0, ...encodeUtf8('x').slice(0, 1 + random(1))]) },
    }))
  },
  'existence is turned into absence': (bundle, fixture, random) => {
    void fixture
    return withProof(bundle, random, proof => {
      const exist = proof.exist!
      return {
        exist: undefined,
        nonexist: {
          key: exist.key,
          left: random(2) === 0 ? exist : undefined,
          right: random(2) === 0 ? exist : undefined,
        },
      }
    })
  },
  'the store is another one': (bundle, fixture, random) => ({
    ...bundle,
    states: bundle.states.map(state => {
      const store = state.answer.stores[0]!
      const name = ['history', 'stat', 'states', ''][random(4)]!
      void fixture
      return { ...state, answer: { ...state.answer, stores: [{ ...store, key: encodeUtf8(name) }] } }
    }),
  }),
  'the state is of another height': (bundle, fixture, random) => {
    void fixture
    const by = BigInt(1 + random(5)) * (random(2) === 0 ? 1n : -1n)
    return {
      ...bundle,
      states: bundle.states.map(state => ({ ...state, answer: { ...state.answer, height: state.answer.height + by } })),
    }
  },
  'the head is left out': bundle => ({ ...bundle, blocks: bundle.blocks.slice(0, -1) }),
  'the chain is another one': (bundle, fixture, random) => {
    void fixture
    return withBlock(bundle, someBlock(bundle, random), block => ({
      ...block,
      header: { ...block.header, chainId: 'test-mutation' },
    }))
  },
  'the document’s text is changed': (bundle, fixture, random) => {
    void fixture
    const at = random(bundle.document.length)
    const letter = 'ABCxyz019-_'[random(11)]!
    const text = bundle.document.slice(0, at) + letter + bundle.document.slice(at + 1)
    return { ...bundle, document: text === bundle.document ? `${text}~` : text }
  },
}
