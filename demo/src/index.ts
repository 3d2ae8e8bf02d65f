import { recordCard } from './cards.ts'
import { showRecords } from './list.ts'
import './site.ts'

showRecords(record => recordCard(record))
