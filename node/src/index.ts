// Public names, in the order in which one reads about them.

export { readCatalogue } from './catalogue.ts'
export { type Home, homeOf, type NodeConfig } from './config.ts'
export { HomeError, type HomeErrorCode } from './home-error.ts'
export { type InitPlan, initHome } from './init.ts'
export { type Node, startNode } from './node.ts'
export { type CheckpointView, confirmCheckpoint, type Ground, proposeCheckpoint } from './checkpoint.ts'
export { type Genesis, parseGenesis } from './engine/genesis.ts'
