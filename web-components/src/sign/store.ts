// Where this browser keeps its keys: IndexedDB, one entry for each network and kind of key. Any script of the origin can write
// there, so whatever is read is checked by its reader before it is used.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

type Schema = DBSchema & { readonly keys: { readonly key: string; readonly value: unknown } }

export type KeyDatabase = IDBPDatabase<Schema>

const databaseName = 'muniment-keys'

/** Opens the database for one piece of work and closes it again. */
export async function withKeys<T>(work: (database: KeyDatabase) => Promise<T>): Promise<T> {
  const database = await openDB<Schema>(databaseName, 1, {
    upgrade: created => void created.createObjectStore('keys'),
    blocking: () => database?.close(),
  })
  try {
    return await work(database)
  } finally {
    database.close()
  }
}
