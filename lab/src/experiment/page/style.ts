/** The style of a page, for light and for dark. */

/** It stands in the page itself. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --text: #1f2328; --quiet: #59636e; --grid: #dfe3e8;
  --fault: rgba(217, 58, 74, .12); --good: #2f8a3b; --bad: #cf2f3f; --halfway: #b98200;
  --blue: #2f6fd0; --purple: #8250c8; --orange: #c2620a; --teal: #12807f; --pink: #b0417e; --olive: #6b7a1f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b22; --text: #e6edf3; --quiet: #9aa4af; --grid: #30363d;
    --fault: rgba(248, 81, 73, .18); --good: #3fb950; --bad: #f85149; --halfway: #d29922;
    --blue: #58a6ff; --purple: #bc8cff; --orange: #f0883e; --teal: #39c5cf; --pink: #f778ba; --olive: #b5c44a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, Segoe UI, Helvetica, Arial, sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 26px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 10px; }
header { display: flex; gap: 14px; align-items: center; flex-wrap: wrap; }
.verdict { color: #fff; font-weight: 700; padding: 3px 14px; border-radius: 6px; letter-spacing: .04em; }
.PASS, .VALID { background: #2f8a3b; } .FAIL { background: #cf2f3f; } .INVALID { background: #8a6100; }
.claim { font-size: 18px; margin: 12px 0 6px; max-width: 80ch; }
.quiet { color: var(--quiet); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); gap: 16px; margin-top: 16px; }
section { background: var(--card); border: 1px solid var(--grid); border-radius: 8px; padding: 16px; min-width: 0; }
section.whole { grid-column: 1 / -1; }
svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
pre { overflow-x: auto; margin: 0; padding: 10px 12px; background: var(--page); border-radius: 6px; }
ul { margin: 6px 0 0; padding-left: 20px; }
details { border-top: 1px solid var(--grid); padding: 6px 0; }
summary { cursor: pointer; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.waterfall { display: grid; grid-template-columns: 108px minmax(180px, 38%) 74px 1fr; gap: 1px 10px; margin: 8px 0 4px; font-size: 12px; min-width: 720px; }
.waterfall > div { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar { position: relative; height: 16px; }
.bar > i { position: absolute; top: 4px; height: 9px; min-width: 2px; border-radius: 2px; background: var(--blue); }
.bar > i.wait { background: none; border: 1px dashed var(--quiet); }
.bar > i.error { background: var(--bad); }
.error-text { color: var(--bad); }
.ok { color: var(--good); } .broken { color: var(--bad); font-weight: 600; }
@media print { details { display: block; } }
`;
