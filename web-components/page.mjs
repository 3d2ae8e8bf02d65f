// The elements for a page without a bundler: dist/page/verify.js. Such a page reads its trust root with this copy of the SDK.

export { parseTrustRoot } from '@muniment/sdk'
export * from './dist/index.js'
