/** The look of Weir's pages, light and dark; colour only repeats what glyphs and words say. Every pair of ink and ground has a contrast of at least 4.5. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#fff;--ink:#1d2430;--mute:#566070;--line:#d5d9e0;--soft:#f3f5f8;--acc:#0b5f99;--ok:#0a6b4f;--okbg:#e3f4ee;--bad:#a8201a;--badbg:#fce4e1;--thin:#7a4b00;--thinbg:#fff1cf}
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--ink:#e9edf2;--mute:#a3adba;--line:#39414c;--soft:#1c2128;--acc:#7cc1f3;--ok:#5fd0a8;--okbg:#143228;--bad:#ff9a92;--badbg:#472220;--thin:#ffd48a;--thinbg:#43310f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:1.4rem;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .2rem}h2{font-size:1.2rem;margin:2.2rem 0 .5rem}h3{font-size:1rem;margin:1.6rem 0 .4rem}
p{margin:.5rem 0}a{color:var(--acc)}.sub,small,footer,caption,.mx i{color:var(--mute)}
code,pre{font:.875em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.verdict{border-left:6px solid var(--ok);background:var(--okbg);padding:.7rem 1rem;border-radius:6px;margin:1.2rem 0;font-size:1.1rem}.verdict.no{border-color:var(--bad);background:var(--badbg)}
.verdict b{display:block}
.wrap{overflow-x:auto;max-width:100%}.wrap:focus-visible,a:focus-visible,summary:focus-visible{outline:3px solid var(--acc);outline-offset:2px}
table{border-collapse:collapse}th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top;font-weight:400}thead th{background:var(--soft);color:var(--mute)}
caption{text-align:left;padding:.2rem 0;font-size:.9rem}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.mx{font-size:.9rem}.mx caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.mx th[scope=row]{position:sticky;left:0;z-index:1;background:var(--bg);min-width:17rem;max-width:17rem}.mx thead th:first-child{position:sticky;left:0;z-index:2;vertical-align:bottom}
.mx th b{color:var(--acc)}.mx i{font-style:normal}.mx th small{display:block;line-height:1.3}.mx td{text-align:center;vertical-align:middle;min-width:2.4rem;padding:0}.mx td a{display:block;padding:.35rem .2rem;text-decoration:none;color:var(--ok);font-weight:600;white-space:nowrap}.mx td a.l{color:var(--mute);font-weight:400}.mx td a.w{color:var(--bad);border:2px solid var(--bad)}
.mx th.v{vertical-align:bottom;padding:.4rem .1rem}.mx th.v a{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;text-decoration:none}
.thin th[scope=row]{background:var(--thinbg);border-left:5px dashed var(--thin)}.thin th[scope=row] small{color:var(--ink)}.tag{display:inline-block;border:1px dashed var(--thin);border-radius:4px;padding:0 .35rem;color:var(--thin);font-weight:600}
details{border:1px solid var(--line);border-radius:6px;margin:.35rem 0}details[open]{padding-bottom:.6rem}summary{cursor:pointer;padding:.45rem .8rem;overflow-wrap:anywhere}details>div{padding:0 .8rem;scroll-margin-top:3.2rem}summary b{color:var(--ok)}details.no{border:2px solid var(--bad)}details.no summary b{color:var(--bad)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}dt{color:var(--mute)}dd{margin:0;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:6px;padding:.5rem .7rem;margin:.6rem 0;white-space:pre-wrap}ins,del{text-decoration:none}ins{color:var(--ok)}del{color:var(--bad)}
.tl{margin:.6rem 0}.tl th[scope=row]{min-width:11rem}.tl td,.tl thead th{white-space:nowrap}.tl td code{white-space:normal}.u{color:var(--mute)}.bad{display:block;border:2px solid var(--bad);background:var(--badbg);border-radius:6px;padding:.15rem .4rem;white-space:normal;min-width:9rem;overflow-wrap:anywhere}.bad b{display:block;color:var(--bad);font-weight:600}
ul{margin:.3rem 0;padding-left:1.3rem}li,summary,.verdict,p{overflow-wrap:anywhere}.legend span{display:inline-block;margin:0 1.4rem .3rem 0}.legend .tag{margin:0 .5rem 0 0}.id{white-space:nowrap}td small,th small{display:block}.tl th small{display:inline}footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.8rem;font-size:.9rem}
@media(max-width:560px){body{padding:.8rem}.mx th[scope=row]{min-width:6.4rem;max-width:6.4rem}.mx th small{display:none}.tl th[scope=row]{min-width:7.5rem}dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}}
@media print{.wrap{overflow:visible}details{break-inside:avoid}}
`;
