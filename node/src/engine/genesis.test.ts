import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeUtf8, parseTime, VerifyError } from '@muniment/sdk'
import { testKey } from '../../../test/test-chain.ts'
import { formatGenesis, type Genesis, parseGenesis } from './genesis.ts'

// biome-ignore lint/suspicious/noExplicitAny: the tests break the file at any place
type Loose = any

const text = formatGenesis({
  chainId: 'test-genesis',
  time: parseTime('2026-11-01T00:00:00.000000001Z'),
  appVersion: 1n,
  validators: ['one', 'two'].map(name => ({ name, publicKey: testKey(name).publicKey.bytes, power: 3n })),
  appState: { b: [1, 2], a: 'x' },
})

function parseWith(change: (json: Loose) => void): Genesis {
  const json = JSON.parse(text)
  change(json)
  return parseGenesis(encodeUtf8(JSON.stringify(json)))
}

describe('genesis file', () => {
  test('what is written is read', () => {
    const genesis = parseGenesis(encodeUtf8(text))
    assert.equal(genesis.chainId, 'test-genesis')
    assert.deepEqual(genesis.time, parseTime('2026-11-01T00:00:00.000000001Z'))
    assert.deepEqual(genesis.appState, encodeUtf8('{"a":"x","b":[1,2]}'))
    assert.equal(genesis.validators.validators.length, 2)
    assert.equal(genesis.blockBytesMax, 1_048_576n)
  })

  const bad: Record<string, (json: Loose) => void> = {
    'no chain id': json => delete json.chain_id,
    'a chain id that is too long': json => {
      json.chain_id = 'x'.repeat(51)
    },
    'another first height': json => {
      json.initial_height = '5'
    },
    'an app hash of its own': json => {
      json.app_hash = 'AA'
    },
    'no time': json => delete json.genesis_time,
    'no validators': json => {
      json.validators = []
    },
    'a validator twice': json => json.validators.push(json.validators[0]),
    'an address of another key': json => {
      json.validators[0].address = json.validators[1].address
    },
    'a validator without power': json => {
      json.validators[0].power = '0'
    },
    'more power than CometBFT allows': json => {
      json.validators[0].power = '999999999999999999'
      json.validators[1].power = '999999999999999999'
    },
    'blocks that are too small': json => {
      json.consensus_params.block.max_bytes = '1000'
    },
    'blocks that are too large': json => {
      json.consensus_params.block.max_bytes = '-1'
    },
    'no consensus parameters': json => delete json.consensus_params,
    'an app state that is no object': json => {
      json.app_state = []
    },
  }
  for (const [name, change] of Object.entries(bad)) {
    test(`is refused with ${name}`, () => assert.throws(() => parseWith(change), VerifyError))
  }
})
