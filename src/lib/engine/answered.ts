import {OperatorError} from '../model/operator-error.js'

/**
 * Puts a limit to a question: a daemon that hangs accepts it and never answers.
 * @throws OperatorError after `seconds`; the signal's reason when that fires.
 */
export function answered<T>(asking: Promise<T>, seconds: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new OperatorError(`Docker has not answered for ${seconds} s.`, {
      next: ['See how it is: sudo systemctl status docker', 'If it hangs: sudo systemctl restart docker'],
    })
    const timer = setTimeout(() => reject(late), seconds * 1000)
    const stop = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, {once: true})
    const settled = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
    asking.then(resolve, reject).finally(settled)
  })
}
