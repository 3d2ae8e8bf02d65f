import { MunimentKeys as Element } from '../sign/keys.ts'
import { componentOf, type MunimentComponent } from './component.ts'

export const MunimentKeys: MunimentComponent<'muniment-keys'> = componentOf('muniment-keys', Element)
