/** The look of the console, as a file of its own: that of account pages, wider, with tables and charts. */
import { PAGE_STYLE } from '../ui/style.ts';

/** Sent to operators alone, as everything here is. */
export const CONSOLE_STYLE: string = `${PAGE_STYLE}
main{max-width:78rem;padding-top:1.25rem}
.skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem 1rem;z-index:1}
.bar{max-width:78rem;margin:0 auto;padding:.75rem 1.25rem 0;text-align:start;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;justify-content:space-between}
.bar nav{display:flex;flex-wrap:wrap;gap:.25rem}
.bar nav a,.tab{display:inline-block;min-height:2.75rem;padding:.55rem .8rem;border-radius:.5rem;text-decoration:none;font-weight:600}
.bar nav a[aria-current],.tab[aria-current]{background:var(--tint);color:var(--text);text-decoration:underline;text-decoration-thickness:2px}
.tabs{margin:0 0 1rem}
section{margin:0 0 2rem}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:0 0 1.5rem}
.numbers>div{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.75rem 1rem}
.numbers dd{font-size:1.6rem;font-weight:600;line-height:1.3}.numbers dd .small{white-space:nowrap}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr));gap:1rem;margin:0 0 1rem}
.chart{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.75rem 1rem;color:var(--link);break-inside:avoid}
.chart figcaption{color:var(--text);font-weight:600;display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem}
.chart svg{display:block;width:100%;height:auto}
.chart text{fill:var(--soft);font-size:13px}
.grid{stroke:var(--line);stroke-width:1}
.keys{display:flex;gap:.9rem;font-weight:400;font-size:.9rem}
.key{white-space:nowrap}
.chart .key svg{display:inline-block;width:.85rem;height:.85rem;vertical-align:-.08rem;color:var(--link)}
.row-bar{display:block;width:8rem;max-width:100%;height:.6rem;color:var(--link)}
.row-bar .rest{fill:var(--line)}
.table{position:relative;background:var(--card);border:1px solid var(--line);border-radius:.75rem;margin:0 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:start;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid var(--line)}
tbody tr:last-child td{border-bottom:0}
td b{white-space:nowrap}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td{max-width:30rem;min-width:4.5rem}
td:has(.details){min-width:14rem}
td time{white-space:nowrap;font-variant-numeric:tabular-nums}
.badge{border:1px solid var(--field)}
.badge.warn{border-style:dashed;border-width:2px}
.badge.critical{background:var(--bad);border-color:var(--bad);color:var(--card);text-transform:uppercase}
.details{margin:0;font-size:.88rem}
.details>div{display:flex;gap:.5rem}
.details dt{flex:none}.details dd{min-width:0}
.search .fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,13rem),1fr));gap:0 1rem}
.search details{margin:0 0 1rem}.search summary{min-height:2rem}
.subject{font-size:1.1rem}
pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;font:.9rem/1.5 ui-monospace,monospace}
code{font-family:ui-monospace,monospace;font-size:.95em}
@media screen and (max-width:60rem){thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}table,tbody,tr,td{display:block}tr{border-bottom:1px solid var(--line);padding:.4rem 0}tbody tr:last-child{border-bottom:0}td,td:has(.details){max-width:none;min-width:0;border:0;padding:.15rem .75rem;display:grid;grid-template-columns:minmax(5rem,8rem) 1fr;gap:.75rem}td:has(>div:empty){display:none}td::before{content:attr(data-label);color:var(--soft);font-weight:600}td>div{min-width:0}td b{white-space:normal;overflow-wrap:anywhere}td time{white-space:normal}.row-bar{margin-top:.5rem}}
@media(max-width:40rem){.bar,main{padding-inline:.9rem}}
@media print{main{max-width:none;padding:0}.bar,.skip,.tabs,.search,.actions{display:none}.table{border:0}th,td{padding:.2rem .4rem}.badge.critical{background:none;color:#000;border:2px solid #000}.chart svg{max-height:11rem}td b,td time{white-space:normal}table{font-size:.8rem}td{min-width:3rem}.chart,.row-bar{color:#000}tr{break-inside:avoid}}
`;
