// Every look of muniment-verify: `?code=revoked&lang=ar`. No network is asked. What is shown comes from a client that answers whatever
// the page's address asks for.

import { type VerdictCode, verdictKinds } from '@muniment/sdk'
import { type MunimentNetwork, setMessages } from '@muniment/web-components'
import { verifyingClient } from '../../../demo/catalogue/verdicts.ts'

const query = new URLSearchParams(location.search)
const language = query.get('lang') ?? 'en'
const code = (query.get('code') ?? '') as VerdictCode | 'busy' | ''
document.documentElement.lang = language
document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr'
setMessages('en', {})

document.querySelector<MunimentNetwork>('muniment-network')!.client = verifyingClient(code || 'unreadable')
const verify = document.createElement('muniment-verify')
verify.name = 'receipt'
document.querySelector('#form')!.append(verify)
if (code === 'busy' || code in verdictKinds) verify.verify('made up')
if (query.has('problem')) verify.verify('')
