import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { stepCodes, verdictKinds } from '@muniment/sdk'
import { arabic } from './ar.ts'
import { english } from './en.ts'
import { loadMessages, type Messages, messagesFor, onMessages, setMessages } from './messages.ts'

const packs: readonly (readonly [string, Messages])[] = [
  ['English', english],
  ['Arabic', arabic],
]
const names = (text: string): string[] => [...text.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name]) => name!).sort()

for (const [language, pack] of packs) {
  describe(`the words in ${language}`, () => {
    it('have a heading and a sentence for every verdict', () => {
      const codes = Object.keys(verdictKinds).sort()
      assert.deepEqual(Object.keys(pack.verdictHeadings).sort(), codes)
      assert.deepEqual(Object.keys(pack.verdictTexts).sort(), codes)
    })

    it('have a name for every step', () => {
      assert.deepEqual(Object.keys(pack.steps).sort(), [...stepCodes].sort())
    })

    it('leave no text empty', () => {
      for (const [group, texts] of Object.entries(pack))
        for (const [name, text] of Object.entries(texts)) assert.ok(text.trim().length > 1, `${group}.${name}`)
    })

    it('never call an unknown verdict a failure of the document', () => {
      for (const [code, kind] of Object.entries(verdictKinds)) {
        const heading = pack.verdictHeadings[code as keyof typeof verdictKinds]
        if (kind !== 'valid') assert.notEqual(heading, pack.verdictHeadings.current)
        if (kind === 'unknown') assert.doesNotMatch(heading, /invalid|forged|false|مزور/i)
      }
    })
  })
}

it('Arabic has the same values in its texts as English, and every plural form of its own', () => {
  for (const group of Object.keys(english) as (keyof Messages)[]) {
    if (group === 'hiddenFields' || group === 'organisations') continue
    for (const [name, text] of Object.entries(english[group]))
      assert.deepEqual(names((arabic[group] as Record<string, string>)[name]!), names(text), `${group}.${name}`)
  }
  const forms = new Intl.PluralRules('ar').resolvedOptions().pluralCategories.sort()
  assert.deepEqual(Object.keys(arabic.hiddenFields).sort(), forms)
  assert.deepEqual(Object.keys(arabic.organisations).sort(), forms)
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
  assert.deepEqual(messagesFor('ar'), { messages: arabic, language: 'ar' })
  const { messages } = messagesFor('ar-EG')
  assert.deepEqual([messages.verify.check, messages.verify.heading], ['افحص', arabic.verify.heading])
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
