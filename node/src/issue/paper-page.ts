// The paper as a page that any browser prints, in any script and direction: for documents in letters that the PDF's standard fonts
// lack. It holds no script and fetches nothing.

import { createHash } from 'node:crypto'
import type { Qr } from '@muniment/sdk/qr'
import { localizedText, type PaperFacts } from './paper.ts'

type Help = {
  readonly heading: string
  readonly scan: string
  readonly open: (where: string) => string
  readonly only: string
}

const help: Readonly<Record<string, Help>> = {
  en: {
    heading: 'Check this document',
    scan: 'Scan the code with a phone’s camera.',
    open: where => `Open ${where} and choose the PDF that belongs to this page.`,
    only: 'Only that check shows whether it is genuine and in force.',
  },
  ar: {
    heading: 'تحقّق من هذا المستند',
    scan: 'امسح الرمز بكاميرا الهاتف.',
    open: where => `افتح ${where} واختر ملف PDF الخاص بهذه الصفحة.`,
    only: 'هذا التحقق وحده يبيّن هل المستند أصلي ونافذ.',
  },
}

/** Languages written from right to left, by their first part (BCP 47). */
const rightToLeft: readonly string[] = ['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']

const style = `
@page { size: A4; margin: 20mm; }
body { font: 12pt/1.5 system-ui, sans-serif; max-width: 170mm; margin: 10mm auto; color: #000; background: #fff; }
h1 { margin: 0; }
dl { display: grid; grid-template-columns: 50mm 1fr; gap: 2mm 4mm; margin: 12mm 0; }
dt { font-weight: bold; }
dd { margin: 0; overflow-wrap: anywhere; }
section { display: flex; gap: 8mm; align-items: start; break-inside: avoid; }
svg { width: 53mm; height: 53mm; flex: none; }
h2 { font-size: 14pt; margin: 0; }
p { margin: 0 0 2mm; }
`

/** HTML. Every text of the register stands in it as text. */
export function makePaperPage(facts: PaperFacts, qr: Qr | undefined): string {
  const { service, office, language, fields, page } = facts
  const [primary] = language.split('-')
  const words = help[primary!] ?? help.en!
  const title = escapeText(localizedText(service.title, language))
  const rows = service.fields
    .filter(({ name }) => fields[name] !== undefined)
    .map(
      ({ name, label }) =>
        `<dt>${escapeText(localizedText(label, language))}</dt><dd><bdi>${escapeText(fields[name]!)}</bdi></dd>`,
    )
  const where = page === undefined ? undefined : `<bdi>${escapeText(page)}</bdi>`
  const how = qr ? words.scan : where === undefined ? '' : words.open(where)
  const hash = createHash('sha256').update(style).digest('base64')
  return `<!doctype html>
<html lang="${escapeText(language)}" dir="${rightToLeft.includes(primary!) ? 'rtl' : 'ltr'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p><bdi>${escapeText(office)}</bdi></p>
<dl>
${rows.join('\n')}
</dl>
<section>
${qr ? drawing(qr, words.scan) : ''}
<div><h2>${words.heading}</h2><p>${how}</p><p>${words.only}</p></div>
</section>
</main>
</body>
</html>
`
}

/** Each row's runs as one piece of a path; four modules are free around it (ISO/IEC 18004). */
function drawing({ size, isDark }: Qr, label: string): string {
  let path = ''
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!isDark(x, y)) continue
      const from = x
      while (x + 1 < size && isDark(x + 1, y)) x++
      path += `M${from + 4} ${y + 4}h${x - from + 1}v1h-${x - from + 1}z`
    }
  }
  const side = size + 8
  return `<svg viewBox="0 0 ${side} ${side}" role="img" aria-label="${escapeText(label)}" shape-rendering="crispEdges"><path d="${path}"/></svg>`
}

function escapeText(text: string): string {
  return text.replace(/[&"'<>]/g, character => `&#${character.charCodeAt(0)};`)
}
