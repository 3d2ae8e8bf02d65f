import { MunimentNetwork as Element } from '../network/network.ts'
import { componentOf, type MunimentComponent } from './component.ts'

export const MunimentNetwork: MunimentComponent<'muniment-network'> = componentOf('muniment-network', Element)
