import { escapeHtml } from './chart.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1a2230; --soft: #68738a; --line: #d9dee8; --paper: #fff; --a: #1f6feb; --b: #d1690e; --c: #8250df; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9f2; --soft: #93a0b8; --line: #2d3646; --paper: #10151d; --a: #5aa2ff; --b: #f0994a; --c: #b392f0; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } small, .soft { color: var(--soft); }
pre { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; font: 13px/1.5 ui-monospace, monospace; }
figure { margin: 1.6rem 0; break-inside: avoid; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--line); } path { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
path.a { stroke: var(--a); } path.b { stroke: var(--b); } path.c { stroke: var(--c); }
path.b { stroke-dasharray: 5 3; }
rect.a, .stack .a { fill: var(--a); background: var(--a); } rect.b, .stack .b { fill: var(--b); background: var(--b); }
rect.c, .stack .c { fill: var(--c); background: var(--c); } rect.d, .stack .d { fill: var(--soft); background: var(--soft); } rect.e { fill: #2c974b; }
path.band { stroke: none; fill-opacity: .25; } path.band.a { fill: var(--a); } path.band.b { fill: var(--b); } path.band.c { fill: var(--c); }
path.band.d { fill: var(--soft); } path.band.e { fill: #2c974b; fill-opacity: .5; } figure text { fill: var(--ink); }
.stack { display: flex; height: .55rem; } .stack span { min-width: 1px; } .step { border-top: 1px solid var(--line); } .step h3 { margin: .5rem 0; font-size: 1rem; }
.ladder { width: auto; max-width: 100%; min-width: 40rem; } .legend { font-weight: 400; float: right; } .legend span::before { content: "■ "; } .legend .a::before { color: var(--a); }
.legend .b::before { color: var(--b); } .legend .c::before { color: var(--c); }
th { white-space: nowrap; } table { border-collapse: collapse; margin: .6rem 0 1.4rem; width: 100%; } th { text-align: left; font-weight: 600; }
th, td { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
td.n { text-align: right; white-space: nowrap; } .bad { color: var(--b); font-weight: 600; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .3rem; }
.bar { display: block; height: .55rem; border-radius: 3px; background: var(--a); min-width: 1px; } .scroll { overflow-x: auto; }
dt { margin-top: .6rem; } dd { margin: 0; color: var(--soft); }
@media print { :root { --ink: #000; --paper: #fff; } body { margin: 0; } }
`;

/** A page that needs nothing else: no script, no network, readable in the dark, on a phone and on paper. `body` is HTML. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
${body}
</html>
`;
}

/** A table that may be wider than the page. `rows` are HTML: `<tr>…</tr>` each. */
export function htmlTable(header: readonly string[], rows: readonly string[]): string {
  return `<div class="scroll"><table><tr>${header.map((name) => `<th>${escapeHtml(name)}</th>`).join('')}</tr>\n${rows.join('\n')}</table></div>`;
}

/** A cell with text, which may stand out. */
export function textCell(text: string, isBad = false): string {
  return `<td${isBad ? ' class="bad"' : ''}>${escapeHtml(text)}</td>`;
}

/** A cell with a figure. */
export function numberCell(text: string): string {
  return `<td class="n">${escapeHtml(text)}</td>`;
}
