// A node with a network of its own, as a process that can be killed. Prints one line of JSON: what a page needs to know.

import { formatNetwork, formatTrustRoot } from '@muniment/sdk'
import { startTestNetwork } from '../network.ts'

const net = await startTestNetwork()
const { link } = await net.issueTitle({ parcel: '12/7', owner: 'Example owner' })
console.log(JSON.stringify({ root: formatTrustRoot(net.root), network: formatNetwork(net.network), link }))
// Ends with whoever started it, however that one ended.
process.stdin.resume().on('end', () => process.exit())
