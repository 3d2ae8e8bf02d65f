import assert from 'node:assert/strict'
import { test } from 'node:test'
import { origins, tlsFiles, UsageError } from './arguments.ts'

test('an origin is taken as a browser spells it, and nothing that would never match', () => {
  const good = ['https://www.example.gov', 'http://localhost:8000', '*']
  assert.deepEqual(origins(good), good)
  assert.deepEqual(origins(undefined), [])
  const bad = [
    'www.example.gov',
    'https://www.example.gov/',
    'https://www.example.gov/check',
    'https://www.example.gov:443',
    'https://WWW.example.gov',
    'null',
    '',
  ]
  for (const text of bad) assert.throws(() => origins([text]), UsageError, text)
})

test('a certificate and its key are named together', () => {
  assert.equal(tlsFiles({}), undefined)
  assert.deepEqual(tlsFiles({ 'tls-cert': 'a', 'tls-key': 'b' }), { certificate: 'a', key: 'b' })
  assert.throws(() => tlsFiles({ 'tls-cert': 'a' }), /--tls-key is missing/)
  assert.throws(() => tlsFiles({ 'tls-key': 'b' }), /--tls-cert is missing/)
})
