import { MunimentSign as Element } from '../sign/sign.ts'
import { componentOf, type MunimentComponent } from './component.ts'

export const MunimentSign: MunimentComponent<'muniment-sign'> = componentOf('muniment-sign', Element)
