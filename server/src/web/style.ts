/** The one style sheet: follows the reader's light or dark, readable from a phone on. */
export const style = `
:root { color-scheme: light dark; --accent: light-dark(#0b57d0, #a8c7fa); --line: light-dark(#747775, #8e918f); }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 8vh auto; padding: 0 1.25rem 3rem; }
.brand { margin: 0; font-weight: 700; color: var(--accent); }
h1 { margin: .25rem 0 1.25rem; font-size: 1.5rem; line-height: 1.25; }
form { display: grid; gap: 1rem; margin: 1.25rem 0; }
label { display: grid; gap: .25rem; }
label.check { display: block; }
input { font: inherit; padding: .6rem .75rem; border: 1px solid var(--line); border-radius: .5rem; }
button { font: inherit; font-weight: 600; padding: .65rem 1rem; border: 1px solid var(--accent); border-radius: .5rem;
  background: var(--accent); color: light-dark(#fff, #062e6f); cursor: pointer; }
a.button { display: block; padding: .65rem 1rem; border: 1px solid var(--line); border-radius: .5rem; color: inherit;
  font-weight: 600; text-align: center; text-decoration: none; }
button.second { background: transparent; color: inherit; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.code { font: 700 1.5rem/1.3 ui-monospace, monospace; letter-spacing: .04em; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 0; }
dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
.note { padding: .75rem 1rem; border-left: 4px solid var(--line); background: light-dark(#f1f3f4, #2d2f31); }
.warn { border-color: light-dark(#b3261e, #f2b8b5); }
a { color: var(--accent); }
`
