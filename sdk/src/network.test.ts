import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changes, changeText, readOrRefused } from '../../test/hostile.ts'
import { formatBase64Url } from './bytes.ts'
import { formatJson, type JsonObject, parseJson } from './json.ts'
import { signedCheckpoint } from './light/checkpoint.ts'
import { formatNetwork, parseNetwork } from './network.ts'

const signed = {
  checkpoint: new Uint8Array([1, 2, 3]),
  signatures: [{ key: new Uint8Array(32).fill(1), signature: new Uint8Array(64).fill(2) }],
}
const valid: JsonObject = {
  chainId: 'example-1',
  checkpoint: formatBase64Url(signedCheckpoint.encode(signed)),
  peers: ['/ip4/127.0.0.1/udp/4001/webrtc-direct/certhash/uEiA/p2p/12D3'],
  rpc: ['/rpc', 'https://node.example:26657/base'],
}

test('a network’s file is read, and written back as it was', () => {
  const network = parseNetwork(valid)
  assert.equal(network.rpc.length, 2)
  assert.deepEqual(formatNetwork(network), valid)
  assert.deepEqual(parseNetwork({ chainId: 'x', checkpoint: valid.checkpoint! }).peers, [])
})

test('addresses that are no node’s are refused when they are read, not when they are asked', () => {
  const rpc = [
    'javascript:alert(1)',
    'data:application/json,{}',
    'file:///etc/hosts',
    'blob:https://node.example/1',
    '//node.example/rpc',
    '/\\node.example/rpc',
    'https://',
    'https://[bad',
    'https://node.example:99999',
    'http://node example',
    'https://node.example/\u202e',
    'rpc',
    '',
    `https://node.example/${'x'.repeat(300)}`,
  ]
  for (const address of rpc)
    assert.throws(() => parseNetwork({ ...valid, rpc: [address] }), { name: 'VerifyError' }, address)
  for (const address of ['', 'ip4/127.0.0.1', '/', '/ip4/ 1', 'https://node.example', '/dns/é'])
    assert.throws(() => parseNetwork({ ...valid, peers: [address] }), { name: 'VerifyError' }, address)
})

test('a file outside its bounds is refused', () => {
  const bad: readonly JsonObject[] = [
    { ...valid, chainId: 'x'.repeat(51) },
    { ...valid, rpc: Array.from({ length: 33 }, () => '/rpc') },
    { ...valid, rpc: '/rpc' },
    { ...valid, rpc: [null] },
    { ...valid, checkpoint: `${valid.checkpoint}=` },
    { ...valid, checkpoint: '' },
    { ...valid, checkpointKeys: { k: 1, keys: [] } },
    { ...valid, trustLevel: '1/3' },
  ]
  // An empty checkpoint is readable protobuf, and is refused when it is verified.
  for (const json of bad.filter(each => each.checkpoint !== ''))
    assert.throws(() => parseNetwork(json), { name: 'VerifyError' }, JSON.stringify(json).slice(0, 80))
})

test('noise and a changed file are refused, or are a file that is written back as it came', () => {
  const text = formatJson(valid)
  const read = (given: string): void => {
    const network = readOrRefused(() => parseNetwork(parseJson(given)))
    if (network) assert.deepEqual(parseNetwork(formatNetwork(network)), network)
  }
  fc.assert(
    fc.property(changes, list => read(changeText(text, list))),
    { numRuns: 2000 },
  )
  fc.assert(fc.property(fc.json(), read))
  fc.assert(
    fc.property(
      fc.constantFrom('chainId', 'checkpoint', 'peers', 'rpc', 'witnesses', 'x'),
      fc.jsonValue(),
      (name, value) => read(JSON.stringify({ ...valid, [name]: value })),
    ),
  )
})
