import type { Plugin } from 'vite'

/**
 * Lit's policy of trusted types gets a name of ours: a page that has another Lit beside this one lists both, and neither
 * takes the other's name. Fails the build where Lit no longer says it in this way.
 */
export function renameLitPolicy(): Plugin {
  let renamed = 0
  return {
    name: 'muniment:rename-lit-policy',
    apply: 'build',
    // One plugin may serve several builds.
    buildStart() {
      renamed = 0
    },
    transform(code, id) {
      if (!/[\\/]lit-html[\\/](?:development[\\/])?lit-html\.js$/.test(id)) return undefined
      const parts = code.split(/createPolicy\((["'])lit-html\1/)
      if (parts.length !== 3) this.error('Lit creates its policy of trusted types in another way')
      renamed++
      return { code: code.replace(/createPolicy\((["'])lit-html\1/, 'createPolicy("muniment-lit"'), map: null }
    },
    buildEnd(error) {
      if (!error && renamed > 1) this.error('two copies of Lit are in this build')
    },
  }
}
