"""What the first page adds to the style sheet of the ruling page."""

CSS = """
.answer{margin:.2em 0 1em;padding:0}.answer li{margin:.3em 0;overflow-wrap:anywhere}
ul.answer{padding-left:1.2em}
table.strips{width:auto}table.strips thead th{font-weight:400;font-size:.72rem;padding:.3em .2em;
white-space:nowrap}
table.strips th[scope=row]{color:var(--ink);font-weight:400;padding-right:1em;
overflow-wrap:anywhere}
table.strips td{padding:.2em .1em;text-align:center}
.cell{display:inline-block;min-width:2.1em;padding:.1em .2em;font-weight:700;font-size:.82rem;
text-decoration:none;text-align:center;border:1.5px solid currentColor;border-radius:3px}
.cell.fail{background:var(--bad);border-color:var(--bad);color:var(--bad-ink)}
.cell.inconclusive{border-style:dashed}.cell.known{border-style:dotted}
table.wakes td{vertical-align:middle}table.wakes .plot{width:46%}
table.wakes .small{display:block;color:var(--soft);font-size:.86rem}
svg.wake{display:block;overflow:visible}svg.wake .base{stroke:var(--rule)}
svg.wake .reach{stroke:var(--ink);stroke-width:1.6}svg.wake .rate{fill:var(--bad)}
svg.wake text{fill:var(--ink)}
details{margin:.4em 0}.inner{padding-left:1.2em}summary{cursor:pointer;overflow-wrap:anywhere}
.plays a,.plays span{display:inline-block;margin:.1em .6em .1em 0}
@media screen and (max-width:720px){table.strips tr{display:block;padding:.3em 0;
border-bottom:1px solid var(--rule)}
table.strips thead{display:none}
table.strips th[scope=row]{display:block;border:0;padding:0}
table.strips td{display:inline-block;border:0;padding:.1em .04em}
.cell{min-width:1.55em;padding:.1em 0;font-size:.74rem}
table.wakes thead{display:none}
table.wakes tr{display:block;padding:.5em 0;border-bottom:1px solid var(--rule)}
table.wakes td{display:block;border:0;padding:.08em 0}
table.wakes .plot{width:100%}table.wakes .small{display:inline}}
"""

FRAMED = """
main{padding:0 .6rem;max-width:none}table{margin:0}
th,td{padding:.12rem .8rem .12rem 0}table.wakes .small{display:inline}
@media screen and (min-width:721px){table.wakes .plot{width:34%}table.wakes td{white-space:nowrap}}
"""
"""For a page that is shown in a small frame of another."""
