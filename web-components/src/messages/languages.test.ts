// What every language that comes with the elements promises: each English text has one of its own, with the same values in it.

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { elsewhereMessages } from './elsewhere.ts'
import { english } from './en.ts'
import { holderMessages } from './holder.ts'
import { keptMessages } from './kept.ts'
import { keysMessages } from './keys.ts'
import { languages } from './languages.ts'
import { type LanguagePack, lateMessages, loadMessages, messagesFor, setMessages } from './messages.ts'
import { publicFactsMessages } from './public-facts.ts'
import { recordMessages } from './record.ts'
import { signErrorMessages } from './sign-errors.ts'
import { statusMessages } from './status.ts'
import { tagsOf } from './tags.ts'
import { togetherMessages } from './together.ts'

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>

const everything: Texts = {
  ...english,
  together: togetherMessages('en'),
  elsewhere: elsewhereMessages('en'),
  signErrors: signErrorMessages('en'),
  holder: holderMessages('en'),
  kept: keptMessages('en'),
  keys: keysMessages('en'),
  publicFacts: publicFactsMessages('en'),
  record: recordMessages('en'),
  status: statusMessages('en'),
}
/** Forms of these are the language's own. */
const plurals = ['hiddenFields', 'organisations']

/** Words that are the same in both languages: “Code”, “Block {height}”, “no”, “Link”. */
const sameWords: Readonly<Record<string, readonly string[]>> = {
  de: ['contradiction.block', 'kept.passphrase', 'keys.passkey', 'record.link'],
  es: ['verify.no'],
  fr: ['facts.type', 'verify.code', 'verify.document', 'sign.service', 'sign.transaction'],
  it: ['verify.no', 'keys.passkey', 'keys.argumentAccount', 'record.link'],
  nl: ['facts.type', 'verify.code', 'verify.document', 'keys.passkey', 'keys.argumentAccount', 'record.link'],
  pl: ['record.link'],
  pt: ['record.link'],
  ro: ['facts.type', 'verify.document', 'record.link'],
}
const names = (text: string): readonly string[] =>
  [...text.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name]) => name!).sort()
/** Without values, and without what is written in Latin letters everywhere. */
const bare = (text: string): string =>
  text.replace(/\{[a-zA-Z]+\}|https:\/\/|\b(?:QR|PDF|PNG|JPEG|PIN|HTTPS|WebRTC|HTTPS|WebRTC)\b/g, '')

for (const [language, load] of Object.entries(languages)) {
  describe(`the words in ${language}`, () => {
    let texts: Texts
    let pack: LanguagePack
    before(async () => {
      pack = (await load()).words
      const { reviewedBySpeaker, ...groups } = pack
      assert.equal(typeof reviewedBySpeaker, 'boolean')
      texts = groups as Texts
    })
    const each = (test: (text: string, inEnglish: string, place: string) => void): void => {
      for (const [group, inGroup] of Object.entries(everything))
        for (const [name, inEnglish] of Object.entries(inGroup)) {
          const text = texts[group]?.[name]
          if (text !== undefined && !plurals.includes(group)) test(text, inEnglish, `${group}.${name}`)
        }
    }

    it('stand for a text of the elements, each of them', () => {
      for (const [group, inGroup] of Object.entries(texts)) {
        if (plurals.includes(group)) continue
        const unknown = Object.keys(inGroup).filter(name => everything[group]?.[name] === undefined)
        assert.deepEqual(unknown, [], group)
      }
    })

    it('lack none of the elements’ texts', () => {
      const lacking = Object.entries(everything).flatMap(([group, inGroup]) =>
        Object.keys(inGroup)
          .filter(name => !plurals.includes(group) && texts[group]?.[name] === undefined)
          .map(name => `${group}.${name}`),
      )
      assert.deepEqual(lacking, [])
    })

    it('hold the same values as in English', () => {
      each((text, inEnglish, place) => assert.deepEqual(names(text), names(inEnglish), place))
    })

    it('are not English', () => {
      each((text, inEnglish, place) => {
        const isOnlyValues = bare(inEnglish).replace(/[ ()]/g, '') === ''
        if (!isOnlyValues && !sameWords[language]?.includes(place)) assert.notEqual(text, inEnglish, place)
      })
    })

    it('leave no text empty, and none with spaces at its ends', () => {
      each((text, _, place) => assert.ok(text !== '' && text === text.trim() && !/ {2}/.test(text), place))
    })

    it('are written in the script of the language', () => {
      if (new Intl.Locale(language).maximize().script === 'Latn') return
      each((text, _, place) => assert.doesNotMatch(bare(text), /[a-z]{3}/i, place))
    })

    it('have every plural form that the language has, and no other', () => {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()
      for (const group of plurals) assert.deepEqual(Object.keys(texts[group]!).sort(), forms, group)
    })

    it('say that no speaker has reviewed them, where it is so', async () => {
      await loadMessages(language)
      const { unreviewed } = messagesFor(language).messages.translation
      assert.equal(unreviewed === '', pack.reviewedBySpeaker)
    })
  })
}

describe('the tags that a language’s words serve', () => {
  it('are those of its script and its region', () => {
    assert.ok(tagsOf('zh-TW').includes('zh-Hant') && !tagsOf('zh-TW').includes('zh'))
    assert.ok(tagsOf('zh-HK').includes('zh-Hant'))
    assert.ok(tagsOf('zh').includes('zh-Hans') && tagsOf('zh-SG').includes('zh-Hans'))
    assert.ok(tagsOf('pt-BR').includes('pt') && !tagsOf('pt').includes('pt-BR'))
    assert.deepEqual([tagsOf('pt-PT').includes('pt-PT'), tagsOf('pt-PT').includes('pt')], [true, true])
    assert.ok(tagsOf('iw').includes('he') && tagsOf('in').includes('id'))
    assert.ok(tagsOf('sr-Latn-RS').includes('sr-Latn') && !tagsOf('sr-Latn').includes('sr'))
    assert.ok(tagsOf('sr-ME').includes('sr-Latn') && tagsOf('sr').includes('sr'))
    assert.ok(tagsOf('ar-u-nu-latn').includes('ar'))
    assert.deepEqual(tagsOf('x-private-use'), ['x-private-use'])
  })

  it('do not reach to another script, which its reader might not know', () => {
    assert.equal(loadMessages('ur-Latn'), undefined)
    assert.equal(messagesFor('ar-Latn').language, 'en')
  })
})

describe('words that load later', () => {
  it('are those of the language, and what a page said of them, the nearer last', () => {
    setMessages('ar-EG', { keys: { back: 'عودة' } })
    setMessages('ar', { keys: { back: 'للخلف', which: 'أيها؟' } })
    const { back, which, opening } = lateMessages('ar-EG', 'keys', keysMessages('en'))
    assert.deepEqual([back, which], ['عودة', 'أيها؟'])
    assert.notEqual(opening, keysMessages('en').opening)
    assert.equal(keysMessages('tlh').back, keysMessages('en').back)
  })
})
