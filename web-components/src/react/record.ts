import { MunimentRecord as Element } from '../record/record.ts'
import { componentOf, type MunimentComponent } from './component.ts'

export const MunimentRecord: MunimentComponent<'muniment-record'> = componentOf('muniment-record', Element)
