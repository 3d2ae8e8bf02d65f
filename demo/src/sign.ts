import '@muniment/web-components'
import './site.ts'
