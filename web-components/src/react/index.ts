// The elements as React components. A page that needs only one imports it alone: `@muniment/web-components/react/verify`.

export type { MunimentComponent } from './component.ts'
export { MunimentKeys } from './keys.ts'
export { MunimentNetwork } from './network.ts'
export { MunimentRecord } from './record.ts'
export { MunimentSign } from './sign.ts'
export { MunimentStatus } from './status.ts'
export { MunimentVerify } from './verify.ts'
