// What the node tells about itself to those who watch it: /healthz and /metrics (Prometheus text format 0.0.4).

import { timeToMilliseconds } from '@muniment/sdk'
import type { Engine } from '../engine/engine.ts'

export type Counts = { readonly rpcConnections: number; readonly peerConnections: number; readonly rpcRequests: number }

export function formatMetrics(engine: Engine, counts: Counts): string {
  const status = engine.status()
  const { height, time } = engine.newest()
  const lines = [
    metric('gauge', 'muniment_height', 'Height of the newest block.', Number(height)),
    metric('gauge', 'muniment_block_time_seconds', 'Time of the newest block.', timeToMilliseconds(time) / 1_000),
    metric(
      'gauge',
      'muniment_block_interval_seconds',
      'Between the newest two blocks.',
      status.blockIntervalMs / 1_000,
    ),
    metric('gauge', 'muniment_stalled', '1 while no blocks are made.', status.stalled === undefined ? 0 : 1),
    metric('gauge', 'muniment_pool_transactions', 'Transactions that wait for a block.', status.poolTransactions),
    metric('gauge', 'muniment_pool_bytes', 'Bytes that wait for a block.', status.poolBytes),
    metric('gauge', 'muniment_pool_evidence', 'Evidence that waits for a block.', status.poolEvidence),
    metric('counter', 'muniment_transactions_total', 'Committed since the start.', status.committedTransactions),
    metric('counter', 'muniment_rejected_total', 'Refused since the start.', status.rejectedTransactions),
    metric('counter', 'muniment_rpc_requests_total', 'Requests over HTTP since the start.', counts.rpcRequests),
    metric('gauge', 'muniment_rpc_connections', 'Open connections over HTTP.', counts.rpcConnections),
    metric('gauge', 'muniment_peer_connections', 'Open connections of peers.', counts.peerConnections),
  ]
  return `${lines.join('\n')}\n`
}

function metric(type: 'gauge' | 'counter', name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}`
}

export type Health = { readonly healthy: boolean; readonly text: string }

/** Healthy while blocks can be made. */
export function formatHealth(engine: Engine): Health {
  const { stalled } = engine.status()
  const height = String(engine.newest().height)
  const text = JSON.stringify({ status: stalled === undefined ? 'ok' : 'stalled', height, reason: stalled ?? '' })
  return { healthy: stalled === undefined, text: `${text}\n` }
}
