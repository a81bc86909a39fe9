import {OperatorError} from '../model/operator-error.js'

/** What a step was planned for is no more: its gateway is not ready, or in another start. Nothing failed; a new look is due. */
export class Overtaken extends OperatorError {}
