/** The look of a report that somebody keeps: light, dark, phone and paper. Contrast is 7:1 or more for text. */
export const REPORT_STYLE: string = `
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1a1f29;--soft:#4a5263;--line:#d9dde5;--link:#1747a6;--bad:#8f1a12;--bad-back:#fbeceb;--warn:#6b4300;--warn-back:#fdf3dc;--note:#1747a6;--note-back:#e8eef9;--good:#14532d;--good-fill:#2f855a;--bad-fill:#c53030;--none-fill:#a3adbd}
@media(prefers-color-scheme:dark){:root{--back:#12151b;--card:#1b1f28;--text:#eceff4;--soft:#b4bccb;--line:#343b49;--link:#a8c4ff;--bad:#ffb4ab;--bad-back:#3a2222;--warn:#ffd88a;--warn-back:#352a12;--note:#a8c4ff;--note-back:#222c40;--good:#9fe0b8;--good-fill:#48bb78;--bad-fill:#f56565;--none-fill:#5d6779}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.3rem;margin:2.5rem 0 .75rem}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
h4{font-size:1rem;margin:0 0 .5rem}
p{margin:0 0 .75rem}
a{color:var(--link);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.soft{color:var(--soft)}
.small{font-size:.9rem}
.verdict{font-size:1.1rem;font-weight:600;border-inline-start:.4rem solid var(--line);background:var(--card);padding:.75rem 1rem;margin:1.25rem 0}
.verdict.bad{border-color:var(--bad-fill)}
.verdict.good{border-color:var(--good-fill)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.15rem;margin:0 0 1rem}
.badge{font-size:.8rem;font-weight:700;border-radius:1rem;padding:.1rem .6rem;margin-inline-end:.5rem;white-space:nowrap}
.error{color:var(--bad);background:var(--bad-back)}
.warning{color:var(--warn);background:var(--warn-back)}
.note{color:var(--note);background:var(--note-back)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.3rem 1rem;margin:.5rem 0 0}
dt{color:var(--soft)}dd{margin:0}
code{font:.9em/1.5 ui-monospace,monospace}
ol,ul{margin:0;padding-inline-start:1.25rem}
.figure{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.15rem}
.figure svg{width:100%;max-width:30rem;height:auto;display:block}
.figure text{fill:var(--text);font:15px system-ui,sans-serif}
.figure .count{fill:var(--soft);font-size:14px}
.held{fill:var(--good-fill)}.fell{fill:var(--bad-fill)}.unseen{fill:var(--none-fill)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--card);font-size:.92rem}
th,td{text-align:start;vertical-align:top;padding:.4rem .6rem;border:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
td.yes{color:var(--good);font-weight:600}td.no{color:var(--bad);font-weight:600}
.asvs td:first-child,.asvs th:first-child{white-space:nowrap}
@media(max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}main{padding-inline:.9rem}}
@media screen and (max-width:40rem){thead,tr:has(th){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}table,tbody,tr,td{display:block}tr{border-bottom:1px solid var(--line);padding:.4rem 0}table{border:1px solid var(--line)}td{border:0;padding:.15rem .6rem}td:empty{display:none}td::before{content:attr(data-label);display:block;color:var(--soft);font-weight:600}}
@media print{:root{color-scheme:light;--back:#fff;--card:#fff;--text:#000;--soft:#333;--line:#999;--link:#000;--bad:#700;--bad-back:#fff;--warn:#530;--warn-back:#fff;--note:#003;--note-back:#fff;--good:#030;--good-fill:#2f855a;--bad-fill:#c53030;--none-fill:#a3adbd}body{font-size:10pt}main{max-width:none;padding:0}.card,.figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.badge{border:1px solid}svg{print-color-adjust:exact}nav{display:none}}
`;
