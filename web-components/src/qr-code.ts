// A QR code as a drawing.

import type { Qr } from '@muniment/sdk/qr'
import { html, svg, type TemplateResult } from 'lit'

/** ISO/IEC 18004, 6.3.8. */
const quietModules = 4

/** One path; drawn dark on light in every theme, since readers ask for that. */
export function renderQr(qr: Qr, label: string): TemplateResult {
  const places = Array.from({ length: qr.size ** 2 }, (_, i) => [i % qr.size, Math.floor(i / qr.size)] as const)
  const path = places
    .filter(([x, y]) => qr.isDark(x, y))
    .map(([x, y]) => `M${x} ${y}h1v1h-1z`)
    .join('')
  const side = qr.size + 2 * quietModules
  return html`<svg class="qr" part="qr" role="img" aria-label=${label} viewBox="${-quietModules} ${-quietModules} ${side} ${side}">
    ${svg`<rect x=${-quietModules} y=${-quietModules} width=${side} height=${side} fill="#fff"></rect><path d=${path} fill="#000"></path>`}
  </svg>`
}
