import { MunimentStatus as Element } from '../status/status.ts'
import { componentOf, type MunimentComponent } from './component.ts'

export const MunimentStatus: MunimentComponent<'muniment-status'> = componentOf('muniment-status', Element)
