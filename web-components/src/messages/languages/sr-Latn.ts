// Serbian in Latin letters: the same words letter by letter, since each letter of Serbian Cyrillic has one spelling in Latin.

import type { LanguagePack } from '../messages.ts'
import { words as cyrillic } from './sr.ts'

const cyrillicLetters = [...'абвгдђежзијклљмнњопрстћуфхцчџш']
const latinLetters = 'a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š'.split(' ')
const latin = new Map(cyrillicLetters.map((letter, place) => [letter, latinLetters[place]!]))

function latinOf(letter: string): string {
  const small = latin.get(letter.toLowerCase())
  if (small === undefined) return letter
  return letter === letter.toLowerCase() ? small : small[0]!.toUpperCase() + small.slice(1)
}

export const words: LanguagePack = JSON.parse(JSON.stringify(cyrillic).replaceAll(/\p{Script=Cyrillic}/gu, latinOf))
