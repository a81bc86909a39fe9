/** How the demo speaks: what is said to the newcomer, and commands as they would be typed. */
const colour = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code: number, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text)

export const tell = (...lines: string[]): void => lines.forEach((line) => console.log(line === '' ? '' : paint(36, `# ${line}`)))

export const command = (line: string): void => console.log(paint(1, `$ ${line}`))
