// Made by scripts/manifest.mjs from the elements' sources: npm run api.

/** Events by element, under the names that they have as a component's properties. */
export const elementEvents = {
  'muniment-keys': {
    onMunimentError: 'muniment-error',
  },
  'muniment-network': {
    onMunimentReady: 'muniment-ready',
    onMunimentNetworkError: 'muniment-network-error',
  },
  'muniment-record': {
    onMunimentDisclose: 'muniment-disclose',
    onMunimentShare: 'muniment-share',
    onMunimentError: 'muniment-error',
  },
  'muniment-sign': {
    onMunimentReview: 'muniment-review',
    onMunimentBeforeSign: 'muniment-before-sign',
    onMunimentSigned: 'muniment-signed',
    onMunimentIncluded: 'muniment-included',
    onMunimentDeclined: 'muniment-declined',
    onMunimentError: 'muniment-error',
  },
  'muniment-status': {},
  'muniment-verify': {
    onMunimentInput: 'muniment-input',
    onMunimentStep: 'muniment-step',
    onMunimentVerdict: 'muniment-verdict',
    onMunimentError: 'muniment-error',
  },
} as const

/** What a page may set. */
export type PropertyNames = {
  'muniment-keys': 'network' | 'rpId' | 'services'
  'muniment-network': 'root' | 'src' | 'client'
  'muniment-record': 'record' | 'network' | 'verifyPage' | 'noKeep'
  'muniment-sign': 'request' | 'network' | 'verifyPage' | 'methods' | 'rpId'
  'muniment-status': 'compact' | 'network' | 'case' | 'account' | 'services' | 'secret'
  'muniment-verify': 'types' | 'issuers' | 'fields' | 'policy' | 'required' | 'compact' | 'accept' | 'auto' | 'name' | 'maxAge' | 'verifyPage' | 'holderNonce' | 'network'
}

/** Attributes that are no properties by the same name. */
export type ElementAttributes = {
  'muniment-keys': {
    readonly 'rp-id'?: string
  }
  'muniment-network': {
    readonly 'src'?: string
    readonly 'offline'?: string
    readonly 'no-wasm'?: boolean
  }
  'muniment-record': {
    readonly 'verify-page'?: string
    readonly 'no-keep'?: boolean
  }
  'muniment-sign': {
    readonly 'verify-page'?: string
    readonly 'rp-id'?: string
  }
  'muniment-status': {}
  'muniment-verify': {
    readonly 'holder-page'?: string
    readonly 'max-age'?: number | string
    readonly 'verify-page'?: string
    readonly 'holder-nonce'?: string
  }
}
