/**
 * The style of the error page, in the page itself: when something fails, nothing else may have to work. No font, image
 * or script is loaded. Contrast is 7:1 or more in light and in dark.
 */
export const PAGE_STYLE: string = `
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1a1f29;--soft:#4a5263;--line:#d9dde5;--link:#1747a6}
@media(prefers-color-scheme:dark){:root{--back:#12151b;--card:#1b1f28;--text:#eceff4;--soft:#b4bccb;--line:#343b49;--link:#a8c4ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--back);color:var(--text);font:1rem/1.6 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:2.25rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;overflow-wrap:anywhere}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 1rem}
.status{margin:0 0 .25rem;color:var(--soft);font-variant-numeric:tabular-nums}
a{color:var(--link);text-underline-offset:.2em}
a:focus-visible{outline:3px solid var(--link);outline-offset:3px;border-radius:2px}
pre{margin:0 0 1rem;padding:1rem;background:var(--back);border-radius:.5rem;font-size:.8125rem;white-space:pre-wrap}
.id{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
.id code{display:inline-block}
`;
