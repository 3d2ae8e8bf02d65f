import { MunimentVerify as Element } from '../verify/verify.ts'
import { componentOf, type MunimentComponent } from './component.ts'

export const MunimentVerify: MunimentComponent<'muniment-verify'> = componentOf('muniment-verify', Element)
