// What a page knows of keys before anyone signs: small enough to come with the element.

export function canUsePasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential === 'function'
}
