// JSON-RPC over a websocket at /websocket: the same methods as by POST. CometBFT's clients open it before they ask
// anything (rpc/client/http). There are no subscriptions; who asks for one hears that there is no such method.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import {
  websocketBufferedBytesMax,
  websocketConnectionsMax,
  websocketMessageBytesMax,
  websocketWaitingMax,
} from '../limits.ts'
import type { Gate } from './gate.ts'
import { answerBody, firstPaid } from './json-rpc.ts'
import type { RpcContext } from './methods.ts'

export type Websocket = {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly close: () => void
}

export function createWebsocket(
  context: RpcContext,
  gate: Gate,
  allows: (origin: string | undefined) => boolean,
): Websocket {
  const server = new WebSocketServer({ noServer: true, maxPayload: websocketMessageBytesMax, perMessageDeflate: false })

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').split('?')[0]
    // A browser sends Origin and follows no CORS here: pages of other origins are refused by us.
    const refused =
      path !== '/websocket' || server.clients.size >= websocketConnectionsMax || !allows(request.headers.origin)
    if (refused) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const address = request.socket.remoteAddress ?? ''
    server.handleUpgrade(request, socket, head, client => {
      let last = Promise.resolve()
      let waiting = 0
      client.on('error', () => client.terminate())
      client.on('message', data => {
        // Who does not read the answers gets no more of them.
        const full = waiting >= websocketWaitingMax || client.bufferedAmount > websocketBufferedBytesMax
        if (full || !gate.takeCall(address)) {
          client.close(1013)
          return
        }
        waiting += 1
        const takeCall = firstPaid(() => gate.takeCall(address))
        last = last
          .then(() => answerBody(context, String(data), takeCall))
          .then(({ answer }) => {
            const text = answer === undefined ? '' : JSON.stringify(answer)
            gate.charge(address, text.length)
            if (text !== '') client.send(text)
          })
          .catch(() => client.terminate())
          .finally(() => {
            waiting -= 1
          })
      })
    })
  }

  return {
    upgrade,
    close() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}
