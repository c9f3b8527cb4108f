/**
 * The look of account pages that are not laid out by the application: one style for light and dark, phone and desk,
 * in the page itself. Contrast is 7:1 or more for text.
 */
export const PAGE_STYLE: string = `
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1a1f29;--soft:#4a5263;--line:#d9dde5;--field:#70788a;--link:#1747a6;--on:#fff;--bad:#9b1c13;--bad-back:#fbeceb;--tint:#e8eef9}
@media(prefers-color-scheme:dark){:root{--back:#12151b;--card:#1b1f28;--text:#eceff4;--soft:#b4bccb;--line:#343b49;--field:#8b94a7;--link:#a8c4ff;--on:#0d1930;--bad:#ffb4ab;--bad-back:#3a2222;--tint:#222c40}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--back);color:var(--text);font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:44rem;margin:0 auto;padding:2rem 1.25rem 4rem}
header{max-width:44rem;margin:0 auto;padding:.75rem 1.25rem 0;text-align:end}
.head{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;min-height:3.5rem}
.head .inline{margin-inline-end:0}
.home{font-weight:600;color:inherit;text-decoration:none;text-align:start}.home:hover,.home:focus{text-decoration:underline}
header+main{padding-top:.5rem}
.narrow{max-width:26rem;margin:0 auto}
h1,h2{hyphens:auto}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.2rem;margin:0 0 .5rem}
p{margin:0 0 1rem}.mail{white-space:pre-line}.mail a{direction:ltr;unicode-bidi:isolate}p[role=status]:empty{margin:0}
a{color:var(--link);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.card{display:block;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:0 0 1.25rem}
.card>:last-child{margin-bottom:0}
[hidden]{display:none!important}
.soft{color:var(--soft)}
.small{font-size:.9rem}
.field{margin:0 0 1rem}
.hint{margin:0 0 .3rem}
label{font-weight:600;display:block;margin-bottom:.3rem}
label.check{font-weight:400;margin-bottom:1rem;display:flex;gap:.5rem;align-items:baseline}label.check input{flex:none;margin:0}
input:not([type=checkbox]):not([type=hidden]),select,textarea{display:block;width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--field);border-radius:.5rem}
input[aria-invalid]{border-color:var(--bad);border-width:2px}
textarea.secret{font:.95rem/1.5 ui-monospace,monospace;resize:vertical;word-break:break-all}
fieldset{border:0;margin:0 0 1rem;padding:0}
fieldset .check{margin-bottom:.5rem}
legend{font-weight:600;margin-bottom:.3rem;padding:0}
summary{color:var(--link);font-weight:600;cursor:pointer}
summary~p{margin-top:1rem}
.button{display:inline-block;min-height:2.75rem;padding:.55rem 1.1rem;font:inherit;font-weight:600;color:var(--on);background:var(--link);border:1px solid var(--link);border-radius:.5rem;text-decoration:none;cursor:pointer}
.button.full{width:100%;text-align:center}
.button.small{min-height:2.25rem;padding:.3rem .8rem}
.button.quiet{color:var(--link);background:transparent}
.button.danger{background:var(--bad);border-color:var(--bad)}
.actions .button{margin-block:.25rem;margin-inline-end:.25rem}
.stacked{margin:0 0 .75rem}.stacked:last-child{margin:0}
.inline{display:inline-block;margin-block:.25rem;margin-inline-end:.5rem}
.errors{background:var(--bad-back);border:1px solid var(--bad);border-radius:.5rem;padding:.75rem 1rem;margin:0 0 1rem}
.errors a{color:var(--bad);font-weight:600}
.errors ul{margin:0;padding-inline-start:1rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0 0 1rem}
dt{color:var(--soft)}dd{margin:0}
.sessions{list-style:none;margin:0 0 1rem;padding:0}
.sessions li{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.5rem;padding:.6rem 0;border-top:1px solid var(--line)}
.card>.sessions:only-child{margin:0}
.card>.sessions:only-child li:first-child{border:0;padding-top:0}
.sessions p{margin:0}
.device{font-weight:600}.device .small{font-weight:400}
.badge{font-size:.8rem;font-weight:600;background:var(--tint);border-radius:1rem;padding:.1rem .6rem;display:inline-block;line-height:1.4;white-space:nowrap}
.codes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:.3rem 1.5rem;list-style:none}
.codes code{font-size:min(.92rem,4.1vw);white-space:nowrap}
@media(max-width:22rem){main,.head{padding-inline:.9rem}.card{padding:1rem}select{padding-inline:.4rem}}
@media(max-width:30rem){.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}}
@media print{:root{color-scheme:light;--back:#fff;--card:#fff;--text:#000;--soft:#333;--line:#999;--field:#666;--link:#000;--tint:#fff}body{background:none}.button,.after-card{display:none}.card{border-color:#999;break-inside:avoid}}
.qr{text-align:center}
.qr img{background:#fff;padding:.75rem;border-radius:.5rem;max-width:100%;height:auto}
.after-card{text-align:center}
.visually-hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`;
