"""The page's one style sheet: light and dark, screen and paper, desk and telephone."""

CSS = """
:root{color-scheme:light dark;--paper:#fdfcf9;--ink:#1c1b19;--soft:#615e57;--rule:#d9d5cb;
--panel:#f4f1ea;--bad:#a8201a;--bad-ink:#fff;--good:#1d6b3a;--unsure:#8a5a00;--known:#6b2d73;
--voice:#3b6ea5;--device:#5b4a8a;--device-line:#1f3e63;--light:#d9a400;--wire:#3f7f78;
--wave:#8b877d}
@media (prefers-color-scheme:dark){:root{--paper:#17181a;--ink:#ece9e2;--soft:#a9a59b;
--rule:#3a3b3e;--panel:#212326;--bad:#f0766c;--bad-ink:#1a0a09;--good:#7ccb94;--unsure:#e3b04b;
--known:#d79be0;--voice:#7fb0e3;--device:#b3a1e6;--device-line:#cfe3fa;--light:#e8bd3f;
--wire:#6fbdb3;--wave:#8d8a82}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 56px}
h1,h2,.deck{font-family:Georgia,"Times New Roman","DejaVu Serif",serif;text-wrap:balance}
h1{font-size:clamp(1.7rem,4.6vw,2.7rem);line-height:1.12;margin:.15em 0 .3em}
h2{font-size:1.28rem;margin:2.1em 0 .5em;padding-top:.55em;border-top:1px solid var(--rule)}
.kicker{margin:0;font-size:.82rem;letter-spacing:.05em;color:var(--soft)}
.deck{font-size:clamp(1.1rem,2.4vw,1.36rem);line-height:1.4;margin:.4em 0 .9em;max-width:46em}
.stamp{display:inline-block;font-weight:700;letter-spacing:.07em;padding:.16em .62em;
border:2px solid currentColor;border-radius:4px;margin:0 .9em .4em 0}
.verdicts span{display:inline-block;margin-right:1.3em;white-space:nowrap}
.verdicts b{font-weight:600}
.pass{color:var(--good)}.fail{color:var(--bad)}.inconclusive{color:var(--unsure)}
.known{color:var(--known)}
.meta{color:var(--soft);font-size:.92rem;margin:.5em 0 0;overflow-wrap:anywhere}
.alert{border-left:5px solid var(--unsure);background:var(--panel);padding:.7em 1.1em;
margin:1.2em 0}
.alert p{margin:.2em 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.48em .9em .48em 0;
border-bottom:1px solid var(--rule)}
th{font-weight:600;color:var(--soft);font-size:.82rem}
td.n,th.n{font-variant-numeric:tabular-nums;white-space:nowrap}
td .small,.caption{color:var(--soft);font-size:.86rem}
td .small{display:block}
.by{min-width:9em}.sources{color:var(--soft);font-size:.86rem}
.cls{display:inline-block;background:var(--bad);color:var(--bad-ink);font-weight:700;
font-size:.8rem;padding:.05em .45em;border-radius:3px;margin-right:.3em}
a{color:inherit;text-underline-offset:.15em;text-decoration-color:var(--soft)}
a.cls{text-decoration:none}a:focus-visible,.scroll:focus-visible{outline:2px solid currentColor;
outline-offset:2px}
:target{outline:3px solid var(--unsure);outline-offset:3px}
h3{font-size:1rem;margin:1.4em 0 .4em}
figure{margin:0}
.swipe{display:none}
audio{display:block;width:100%;max-width:620px;margin:.25em 0 .9em}
.sounds{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));
gap:.2em 1.6em}
.sound p{margin:.2em 0}.sound{min-width:0;overflow-wrap:anywhere}
ol.chain{list-style:none;margin:.8em 0 .4em;padding:0 12px 0 0;display:grid;gap:0;
grid-template-columns:repeat(auto-fit,minmax(118px,1fr))}
ol.chain li{position:relative;padding:34px 10px .8em 4px;min-width:0;font-size:.9rem;
overflow-wrap:anywhere}
ol.chain li::before{content:"";position:absolute;left:0;right:-12px;top:6px;height:18px;
border:3.5px solid var(--soft);border-radius:10px}
ol.chain li>*{display:block}ol.chain li>.cls{display:inline-block}
ol.chain .when{color:var(--soft);font-size:.82rem}ol.chain .said{font-size:.86rem}
ol.chain .state{font-size:.84rem}
ol.chain .held::before{border-color:var(--good)}ol.chain .held .state{color:var(--good)}
ol.chain .unproven::before,ol.chain .not-proven::before{border-style:dashed}
ol.chain .waived::before,ol.chain .not-needed::before{border-style:dotted;opacity:.75}
ol.chain .broken .state{color:var(--bad);font-weight:600}
ol.chain .broken::before{right:56%;border-color:var(--bad);border-right:0;
border-radius:10px 0 0 10px;transform:rotate(-5deg)}
ol.chain .broken::after{content:"";position:absolute;left:58%;right:-12px;top:6px;height:18px;
border:3.5px solid var(--bad);border-left:0;border-radius:0 10px 10px 0;transform:rotate(5deg)}
ol.chain li:last-child::before,ol.chain li:last-child::after{right:0}
ol.chain li.broken:last-child::before{right:56%}
td.pass,td.fail{white-space:nowrap}
figcaption,.caption{margin:.5em 0}
code{font:0.9em ui-monospace,"DejaVu Sans Mono",monospace;background:var(--panel);
padding:.1em .35em;border-radius:3px;overflow-wrap:anywhere}
svg.timeline{display:block;width:100%;min-width:1040px;height:auto;
font:11.5px system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
.timeline text{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px;
stroke-linejoin:round}
.timeline text.tick{fill:var(--soft);text-anchor:middle;font-size:10.5px}
.timeline text.last{text-anchor:end}
.timeline text.small{fill:var(--soft);font-size:10.5px}
.timeline text.lane,.timeline text.strong{font-weight:600}
.timeline .grid line{stroke:var(--rule);stroke-width:.7}
.timeline .rule{stroke:var(--rule)}
.timeline .quiet{fill:var(--panel)}
.timeline .leader{fill:none;stroke:var(--soft)}
.timeline .line{fill:var(--voice)}
.timeline .line.to-device{fill:var(--device-line)}
.timeline .line.unheard{fill:none;stroke:var(--voice);stroke-dasharray:3 2}
.timeline .prompt{fill:var(--device)}
.timeline .light{fill:none;stroke:var(--soft)}
.timeline .light.listening{fill:var(--light);stroke:var(--light)}
.timeline .light.muted{stroke:var(--bad);stroke-width:2}
.timeline .away{fill:none;stroke:var(--bad);stroke-dasharray:4 3}
.timeline .light-text{stroke:none}
.timeline .light-text.listening{fill:#1c1b19;font-weight:600}
.timeline .bytes{fill:var(--wire)}
.timeline .bracket{fill:none;stroke:var(--soft)}
.timeline .message{fill:var(--ink)}
.timeline .whisker{stroke:var(--ink);stroke-width:2}
.timeline .wave{fill:var(--wave)}
.timeline .joint{fill:none;stroke:var(--soft);stroke-width:3}
.timeline .joint.held{stroke:var(--good)}.timeline .joint.broken{stroke:var(--bad)}
.timeline .chain-ring{fill:var(--paper);stroke:var(--soft);stroke-width:2.6}
.timeline .chain-ring.held{stroke:var(--good)}
.timeline .chain-ring.broken{stroke:var(--bad);stroke-dasharray:4 2.4}
.timeline .chain-ring.not-proven{stroke-dasharray:2 2}
.timeline text.ring-text{font-size:9.5px;text-anchor:middle;font-weight:700;stroke:none}
.timeline text.ring-text.broken{fill:var(--bad);font-size:11px}
.timeline text.words.broken{fill:var(--bad);font-weight:600}
.timeline a:hover .flag{opacity:.8}
.timeline .pole{stroke:var(--bad);stroke-width:1.1;stroke-dasharray:4 2.5}
.timeline .ring{fill:var(--paper);stroke:var(--bad);stroke-width:1.7}
.timeline .flag{fill:var(--bad)}
.timeline text.flag-text{fill:var(--bad-ink);stroke:none;font-weight:700}
.timeline .cut{stroke:var(--unsure);stroke-width:2}
.timeline text.cut-text{fill:var(--unsure);text-anchor:end;font-weight:700}
@media (prefers-color-scheme:dark){.spectrogram{filter:invert(1)}}
@media screen and (max-width:1100px){ol.chain{grid-template-columns:repeat(4,1fr)}
.swipe{display:block}}
@media screen and (max-width:720px){main{padding:18px 14px 40px}
ol.chain{grid-template-columns:1fr;padding:0}
ol.chain li{padding:.35em 0 .9em 36px}
ol.chain li::before{left:6px;right:auto;width:16px;top:0;bottom:-8px;height:auto}
ol.chain li:last-child::before{bottom:4px;right:auto}
ol.chain .broken::before,ol.chain li.broken:last-child::before{right:auto;bottom:56%;
border-right:3.5px solid var(--bad);border-bottom:0;border-radius:10px 10px 0 0}
ol.chain .broken::after{left:6px;right:auto;width:16px;top:56%;bottom:-8px;height:auto;
border-left:3.5px solid var(--bad);border-top:0;border-radius:0 0 10px 10px}
ol.chain li>*{display:inline-block;margin-right:.5em}ol.chain li>.said{display:block}
table.stack thead{display:none}
table.stack tr{display:block;padding:.6em 0;border-bottom:1px solid var(--rule)}
table.stack td{display:block;border:0;padding:.06em 0}table.stack td:empty{display:none}
table.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--soft);
font-size:.86rem}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;--panel:#f3f3f3;--bad:#a8201a;
--bad-ink:#fff;--good:#1d6b3a;--unsure:#7a4f00;--known:#6b2d73;--voice:#3b6ea5;--device:#5b4a8a;
--device-line:#1f3e63;--light:#d9a400;--wire:#3f7f78;--wave:#777}
@page{margin:11mm}html{font-size:9px}
body{font-size:1rem;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{padding:0;max-width:none}h1{font-size:2rem}h2{margin:1em 0 .3em;padding-top:.4em}
.deck{font-size:1.3rem;margin:.3em 0}p{margin:.4em 0}th,td{padding:.22em .7em .22em 0}
ol.chain{grid-template-columns:repeat(8,1fr)}
ol.chain li{padding-top:34px;padding-bottom:0;line-height:1.35}
.scroll{overflow:visible}audio{display:none!important}svg.timeline{min-width:0;max-height:120mm}
.spectrogram{filter:none}.swipe{display:none}
h2,h3,thead{break-after:avoid}tr,figure,li{break-inside:avoid}}
"""
