// Draws what a terminal showed (stdin, with its colour codes) as an SVG (stdout), for the README:
//   tmux capture-pane -pe | node scripts/ansi-to-svg.mjs > docs/terminal.svg
import {text} from 'node:stream/consumers'

const COLOURS = {30: '#484f58', 31: '#ff7b72', 32: '#3fb950', 33: '#d29922', 34: '#58a6ff', 35: '#bc8cff', 36: '#39c5cf', 37: '#b1bac4'}
const [CHAR, LINE, PAD] = [8.43, 19, 16]
const escape = (value) => value.replace(/[&<>]/g, (found) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;'})[found])

function restyle(style, codes) {
  for (const code of codes) {
    if (code === 0) Object.assign(style, {fill: undefined, bold: false, dim: false})
    else if (code === 1) style.bold = true
    else if (code === 2) style.dim = true
    else if (code === 22) Object.assign(style, {bold: false, dim: false})
    else if (code === 39) style.fill = undefined
    else if (COLOURS[code]) style.fill = COLOURS[code]
  }
}

function spans(line, style) {
  return line
    .split(/(\u001B\[[0-9;]*m)/)
    .map((part) => {
      const codes = /^\u001B\[([0-9;]*)m$/.exec(part)
      if (codes) return void restyle(style, codes[1].split(';').map(Number))
      const attributes = [style.fill && `fill="${style.fill}"`, style.bold && 'font-weight="bold"', style.dim && 'opacity="0.6"'].filter(
        Boolean,
      )
      return part === '' ? '' : `<tspan ${attributes.join(' ')}>${escape(part)}</tspan>`
    })
    .join('')
}

const lines = (await text(process.stdin)).trimEnd().split('\n')
const style = {}
const widest = Math.max(...lines.map((line) => line.replace(/\u001B\[[0-9;]*m/g, '').trimEnd().length))
const [width, height] = [Math.ceil(widest * CHAR + 2 * PAD), lines.length * LINE + 2 * PAD]
const rows = lines.map((line, index) => `<text x="${PAD}" y="${PAD + LINE * (index + 0.75)}">${spans(line.trimEnd(), style)}</text>`)

console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#e6edf3" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>`)
