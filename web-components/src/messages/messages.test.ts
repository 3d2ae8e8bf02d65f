import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { stepCodes, verdictKinds } from '@muniment/sdk'
import { english } from './en.ts'
import { languages } from './languages.ts'
import { loadMessages, messagesFor, onMessages, setMessages } from './messages.ts'

const { words: arabic } = await languages.ar!()

describe('the words in English', () => {
  it('have a heading and a sentence for every verdict', () => {
    const codes = Object.keys(verdictKinds).sort()
    assert.deepEqual(Object.keys(english.verdictHeadings).sort(), codes)
    assert.deepEqual(Object.keys(english.verdictTexts).sort(), codes)
  })

  it('have a name for every step', () => {
    assert.deepEqual(Object.keys(english.steps).sort(), [...stepCodes].sort())
  })

  it('leave no text empty', () => {
    for (const [group, texts] of Object.entries(english))
      for (const [name, text] of Object.entries(texts))
        assert.ok(text.trim().length > 1 || group === 'translation', `${group}.${name}`)
  })

  it('never call an unknown verdict a failure of the document', () => {
    for (const [code, kind] of Object.entries(verdictKinds)) {
      const heading = english.verdictHeadings[code as keyof typeof verdictKinds]
      if (kind !== 'valid') assert.notEqual(heading, english.verdictHeadings.current)
      if (kind === 'unknown') assert.doesNotMatch(heading, /invalid|forged|false/i)
    }
  })
})

it('Arabic comes when it is spoken; until then English serves, and what a page said of it before stays', async () => {
  setMessages('ar-EG', { verify: { check: 'افحص' } })
  assert.equal(messagesFor('ar').language, 'en')
  assert.equal(loadMessages('en-GB'), undefined)
  assert.equal(loadMessages('tlh'), undefined)
  let told = 0
  const stop = onMessages(() => {
    told++
  })
  await Promise.all([loadMessages('ar'), loadMessages('ar-EG')])
  stop()
  assert.equal(told, 1)
  assert.equal(messagesFor('ar').language, 'ar')
  assert.deepEqual(messagesFor('ar').messages.verify, arabic.verify)
  const { messages } = messagesFor('ar-EG')
  assert.deepEqual([messages.verify.check, messages.verify.heading], ['افحص', arabic.verify?.heading])
  assert.equal(loadMessages('ar'), undefined)
})

describe('a page’s own words', () => {
  after(() => setMessages('en', english))

  it('change one text and leave the others', () => {
    let told = 0
    const stop = onMessages(() => {
      told++
    })
    setMessages('en', { verify: { heading: 'Check a land title' } })
    stop()
    assert.equal(told, 1)
    assert.equal(messagesFor('en-GB').messages.verify.heading, 'Check a land title')
    assert.equal(messagesFor('en').messages.verify.check, english.verify.check)
  })

  it('add a language, which lacks nothing', () => {
    setMessages('fr', { verify: { check: 'Vérifier' } })
    const { messages, language } = messagesFor('fr-CA')
    assert.equal(language, 'fr-CA')
    assert.equal(messages.verify.check, 'Vérifier')
    assert.equal(messages.steps.header, english.steps.header)
  })

  it('are English where a language is not known', () => {
    assert.deepEqual(messagesFor('tlh').language, 'en')
  })
})
