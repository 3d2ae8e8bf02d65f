import './site.ts'
import '@muniment/web-components'
