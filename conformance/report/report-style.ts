import { PAGE_STYLE } from "./page-style.ts";

/** What the page of reports has beside `PAGE_STYLE`: banners, the look of each verdict, a matrix that scrolls in its own box. */
export const REPORT_STYLE = `${PAGE_STYLE}
:root{--des:#5f3592;--desbg:#eee4fb}
@media(prefers-color-scheme:dark){:root{--des:#cdb0f7;--desbg:#33264a}}
.verdict.mind{border-color:var(--thin);background:var(--thinbg)}.verdict p{margin:0 0 .4rem;font-weight:600}
.tall{max-height:85vh;overflow:auto;border:1px solid var(--line);border-radius:6px;width:fit-content}
.rep{border-collapse:separate;border-spacing:0}.rep th,.rep td{border-width:0 1px 1px 0}.rep thead{position:sticky;top:0;z-index:3}
.rep thead th{text-align:center;color:var(--ink);white-space:nowrap;padding:.25rem .2rem;font-size:.85rem}.rep thead th:first-child{text-align:left;z-index:4}.rep thead tr+tr th:first-child{position:static;text-align:center}
.rep th[scope=row],.rep thead th:first-child[rowspan]{min-width:14rem;max-width:14rem}.rep th[scope=colgroup]{text-align:left}.rep th[scope=colgroup] span{position:sticky;left:14.5rem}.rep thead small{display:inline;margin-left:.4rem;color:var(--mute)}
.rep td{min-width:2.8rem;height:2rem}.rep td i{font-style:normal}.rep td.y{color:var(--ok)}.rep td.y i{color:var(--ok)}
.rep td.n{background:var(--badbg);box-shadow:inset 0 0 0 2px var(--bad)}.rep td.n a{color:var(--bad)}
.rep td.n.e{background:none;box-shadow:none;outline:2px dashed var(--bad);outline-offset:-4px}.rep td.d{background:repeating-linear-gradient(45deg,var(--desbg) 0 6px,var(--bg) 6px 12px)}.rep td.d a{color:var(--des)}
.rep td.q{background:var(--thinbg);outline:2px dashed var(--thin);outline-offset:-4px}.rep td.q a{color:var(--thin)}
.rep td.o a,.rep td.o i{color:var(--mute)}
.rep .grp th,.rep .grp td{background:var(--soft);height:auto}.rep .grp th{position:sticky;left:0;z-index:1;font-weight:600;color:var(--ink);white-space:nowrap;max-width:6.4rem}
.rep tfoot th,.rep tfoot td{position:sticky;bottom:0;background:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}.rep tfoot th{z-index:3;white-space:normal}.rep tfoot td{font-size:.75rem;padding:0 .1rem}
section{scroll-margin-top:1rem;border-top:1px solid var(--line);padding-bottom:.6rem}.kept{columns:24rem;font-size:.9rem}.kept li{break-inside:avoid}
.why dt:target,.why dt:target+dd,section:target>h3{background:var(--thinbg);color:var(--ink)}
.why small{display:block}footer h2{color:var(--ink)}footer li{margin:.3rem 0}footer small{display:block}
@media(max-width:560px){.rep th[scope=row],.rep thead th:first-child[rowspan]{min-width:6.4rem;max-width:6.4rem}.rep th[scope=colgroup] span{left:6.9rem}.rep th[scope=row] b{white-space:nowrap}}
@media print{.tall{max-height:none;overflow:visible;border:0}.rep thead,.rep th[scope=row],.rep tfoot th,.rep tfoot td{position:static!important}details::details-content{content-visibility:visible;height:auto}section{break-inside:avoid}}
`;
