# SPDX-License-Identifier: GPL-2.0
"""matrix_page.py - what matrix.py knows as text, Markdown and a page of HTML

The page is one file without scripts. Everything that was read is escaped here.
"""

import os
from html import escape

SIGNS = {"same": "=", "changed": "C", "refused": "R", "unsupported": "U", "failed": "!"}
MEANINGS = {
    "same": "the guest sees the same ABI",
    "changed": "restored, but the guest sees something change",
    "refused": "the host refuses a part of the state",
    "unsupported": "the host cannot make a VM of this configuration",
    "failed": "nothing was measured: the machine or the tool failed",
}
# the lists of a cell: its title, and the columns
PARTS = (
    ("refused", "Refused", ("step", "vcpu", "reg", "id", "value", "errno")),
    ("changed", "The guest sees change", ("probe", "saved", "now")),
    ("differs", "Reads back different", ("vcpu", "reg", "id", "saved", "now")),
    ("tolerated", "Refused, and tolerated",
     ("step", "vcpu", "reg", "id", "value", "errno", "why")),
    ("zeroed", "Unknown to the file, set to 0", ("vcpu", "reg", "id", "value")),
    ("kept", "Unknown to the file, set as the guest knows it", ("vcpu", "reg", "id", "value")),
)
ROWS = 40


def reason(cell):
    """A cell in a few words, or nothing"""
    if cell["verdict"] in ("failed", "unsupported"):
        return cell.get("why", "")
    if cell["verdict"] == "refused":
        texts = list(dict.fromkeys(f"{row.get('reg')} {row.get('errno')}"
                                   for row in cell["refused"]))
        return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
    if cell["verdict"] == "changed":
        names = list(dict.fromkeys(row.get("probe") or row.get("reg") or "?" for row in
                                   cell["changed"] or cell["differs"]))
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return ""


def sign(cell):
    if cell is None:
        return "."
    return SIGNS[cell["verdict"]] + ("+" if cell["mended"] else "")


def grids(matrix):
    """(shape, vmm, {(from, to): cell}) for each table"""
    cells = {}
    for cell in matrix["cells"]:
        place = cells.setdefault((cell["shape"], cell["vmm"]), {})
        place[cell["from"], cell["to"]] = cell
    for shape in matrix["shapes"]:
        for vmm in matrix["vmms"]:
            if (shape, vmm) in cells:
                yield shape, vmm, cells[shape, vmm]


def count(cells):
    """How many there are of each verdict"""
    numbers = {verdict: 0 for verdict in SIGNS}
    for cell in cells:
        numbers[cell["verdict"]] += 1
    return numbers


def sums(numbers):
    return ", ".join(f"{number} {verdict}" for verdict, number in numbers.items() if number)


def findings(matrix, kind, keys):
    """Lines of that kind: [(vmm, shapes, values of keys, pairs)], the most pairs first.

    Shapes share a line only if they have the finding on the same pairs with the same values.
    """
    found = {}
    for cell in matrix["cells"]:
        for row in cell.get(kind, ()):
            place = (cell["vmm"], tuple(row.get(key, "-") for key in keys), cell["shape"])
            found.setdefault(place, {})[cell["from"], cell["to"]] = row
    shared = {}
    for (vmm, values, shape), pairs in found.items():
        alike = (vmm, values, tuple(sorted((pair, row.get("saved"), row.get("now"))
                                           for pair, row in pairs.items())))
        shared.setdefault(alike, ([], pairs))[0].append(shape)
    order = sorted(shared.items(), key=lambda item: (item[0][0] != "blind", item[0][0],
                                                     -len(item[1][1]), item[0][1]))
    return [(vmm, ", ".join(shapes), values, pairs)
            for (vmm, values, _), (shapes, pairs) in order]


def names(matrix, ids):
    """Names of hosts, of neighbours the first and the last"""
    places = [place for place, host in enumerate(matrix["hosts"]) if host["id"] in ids]
    runs = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    text = []
    for run in runs:
        first, last = (matrix["hosts"][place]["name"] for place in (run[0], run[-1]))
        text.append(first if len(run) == 1 else f"{first}, {last}" if len(run) == 2 else
                    f"{first} to {last}")
    return ", ".join(text)


def wholes(matrix, pairs):
    """Groups of pairs in which each `from` goes with each `to`: [(froms, tos)], as names"""
    tos = {}
    for old, new in pairs:
        tos.setdefault(old, set()).add(new)
    groups = {}
    for old, news in tos.items():
        groups.setdefault(frozenset(news), set()).add(old)
    return [(names(matrix, olds), names(matrix, news)) for news, olds in groups.items()]


def pairs_text(matrix, pairs):
    groups = wholes(matrix, pairs)
    text = "; ".join(f"{old} → {new}" for old, new in groups[:4])
    return text + (f"; {len(groups) - 4} more" if len(groups) > 4 else "")


def finding_tables(matrix):
    """(title, columns, rows) of what stands out over all cells"""
    rows = [(vmm, shapes, reg, errno, step, str(len(pairs)), pairs_text(matrix, pairs))
            for vmm, shapes, (reg, errno, step), pairs in
            findings(matrix, "refused", ("reg", "errno", "step"))]
    yield "What hosts refuse", ("model", "VM configurations", "register", "errno", "step", "pairs",
                                "from → to"), rows
    rows = []
    for vmm, shapes, (probe,), pairs in findings(matrix, "changed", ("probe",)):
        seen = list(dict.fromkeys(f"{row.get('saved')} → {row.get('now')}"
                                  for row in pairs.values()))
        more = f" and {len(seen) - 1} more" if len(seen) > 1 else ""
        rows.append((vmm, shapes, probe, seen[0] + more, str(len(pairs)),
                     pairs_text(matrix, pairs)))
    yield "What guests see change", ("model", "VM configurations", "call or register",
                                     "old → new", "pairs", "from → to"), rows


# Text

def terminal(matrix):
    lines = []
    hosts = matrix["hosts"]
    wide = max(len(host["name"]) for host in hosts)
    for shape, vmm, cells in grids(matrix):
        lines.append(f"{vmm}, {shape}: saved on (down), restored on (across)")
        lines.append((" " * wide + "".join("  " + host["name"].center(4)
                                           for host in hosts)).rstrip())
        for old in hosts:
            row = old["name"].ljust(wide)
            for new in hosts:
                row += "  " + sign(cells.get((old["id"], new["id"]))).center(
                    max(4, len(new["name"])))
            lines.append(row.rstrip())
        lines.append("")
    lines += [f"{SIGNS[verdict]}  {meaning}" for verdict, meaning in MEANINGS.items()]
    lines += ["+  the aware model makes it better    .  no such VM there", ""]
    for vmm in matrix["vmms"]:
        lines.append(f"{vmm}: " + sums(count(c for c in matrix["cells"] if c["vmm"] == vmm)))
    lines += [f"better: {text}" for text in matrix["better"]]
    lines += [f"failed: {text}" for text in matrix["problems"]]
    lines.append(f"{len(hosts)} hosts, {len(matrix['cells'])} pairs, {matrix['seconds']} s: " +
                 ("failed" if matrix["problems"] or not matrix["cells"] else "passed"))
    return "\n".join(lines) + "\n"


# Markdown

def md(text):
    """Text that is neither markup nor HTML"""
    return escape("".join("\\" + c if c in "\\`*_[]|#~!" else c for c in str(text)),
                  quote=False)


def md_table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def markdown(matrix):
    lines = ["# Which host a VM can move to", "", "Look up the kernel that saves the VM in the "
             "rows, and the kernel that restores it in the columns. Each grid is for a model of a "
             "VMM and a VM configuration (`guest_abi vmms`, `guest_abi shapes`).", "",
             "Measured are the VM configurations " +
             ", ".join(f"`{shape}`" for shape in matrix["shapes"]) + ", and no others.", ""]
    lines += md_table(("sign", "meaning"), [(f"`{SIGNS[verdict]}`", md(meaning))
                                            for verdict, meaning in MEANINGS.items()] +
                      [("`+`", "the aware model makes it better")])
    for title, texts in (("What must work, and does not", matrix["problems"]),
                         ("Better than the baseline", matrix["better"])):
        if texts:
            lines += ["", f"## {title}", ""] + [f"- {md(text)}" for text in texts]
    for shape, vmm, cells in grids(matrix):
        lines += ["", f"## {md(vmm)}, {md(shape)}", "", sums(count(cells.values())) + ".", ""]
        lines += md_table(["from \\ to"] + [md(host["name"]) for host in matrix["hosts"]],
                          [[f"**{md(old['name'])}**"] +
                           [f"`{sign(cells.get((old['id'], new['id'])))}`"
                            for new in matrix["hosts"]] for old in matrix["hosts"]])
    for title, columns, rows in finding_tables(matrix):
        if rows:
            lines += ["", f"## {title}", ""]
            lines += md_table(columns, [[md(value) for value in row] for row in rows])
    lines += ["", "## Hosts", ""]
    lines += md_table(("host", "release", "trouble"), [
        (md(host["name"]), md(host["release"] or "-"), md("; ".join(host["trouble"]) or "none"))
        for host in matrix["hosts"]])
    lines += ["", f"It took {matrix['seconds']} s."]
    return "\n".join(lines) + "\n"


# HTML

def table(columns, rows, limit=None):
    """The rows' values are text; a long table is cut"""
    cut = rows[:limit]
    head = "".join(f"<th scope=col>{escape(column)}" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(value))}" for value in row) for row in cut)
    more = f"<p>and {len(rows) - len(cut)} more, in matrix.json" if len(cut) < len(rows) else ""
    return f"<div class=scroll><table class=list><thead><tr>{head}<tbody>{body}</table></div>{more}"


def identify(cell):
    return "-".join((cell["vmm"], cell["shape"], cell["from"], cell["to"]))


def grid(matrix, vmm, shape, cells):
    """The coloured table"""
    hosts = matrix["hosts"]
    head = "".join(f"<th scope=col>{escape(host['name'])}" for host in hosts)
    rows = ""
    for old in hosts:
        rows += f"<tr><th scope=row>{escape(old['name'])}"
        for new in hosts:
            cell = cells.get((old["id"], new["id"]))
            if cell is None:
                rows += "<td class=none>·"
                continue
            title = f"{old['name']} to {new['name']}: {cell['verdict']}"
            title += f" ({reason(cell)})" if reason(cell) else ""
            rows += f"<td class={cell['verdict']}><a href=\"#{escape(identify(cell))}\" " \
                f"title=\"{escape(title)}\">{sign(cell)}</a>"
    numbers = sums(count(cells.values()))
    return f"<figure><figcaption><b>{escape(vmm)}</b>, {escape(shape)}: {numbers}</figcaption>" \
        f"<div class=scroll><table class=grid><thead><tr><th class=corner>from ↓ to →{head}" \
        f"<tbody>{rows}</table></div></figure>"


def details(matrix, cell):
    """What is behind a cell"""
    old, new = matrix["by_id"][cell["from"]], matrix["by_id"][cell["to"]]
    text = f"<details id=\"{escape(identify(cell))}\"><summary>" \
        f"<span class=\"sign {cell['verdict']}\">{sign(cell)}</span> {escape(old['name'])} → " \
        f"{escape(new['name'])}: {cell['verdict']} <small>{escape(reason(cell))}</small></summary>"
    text += f"<p>Saved on {escape(old['release'] or old['name'])}, restored on " \
        f"{escape(new['release'] or new['name'])}. "
    if cell.get("why"):
        text += f"Why: {escape(cell['why'])}. "
    if cell["vmm"] != "aware" and cell["aware"] and cell["verdict"] != "same":
        other = identify({**cell, "vmm": "aware"})
        text += "The aware model " + ("repairs it: " if cell["aware"] == "same" else
                                       "makes it better: " if cell["mended"] else
                                       "does not repair it: ")
        text += f"<a href=\"#{escape(other)}\">{cell['aware']}</a>."
    for kind, title, columns in PARTS:
        rows = cell.get(kind)
        if rows:
            text += f"<h4>{title} ({len(rows)})</h4>" + table(
                columns, [[row.get(column, "") for column in columns] for row in rows], ROWS)
    if cell.get("notes"):
        text += "<pre>" + escape("\n".join(cell["notes"][:ROWS])) + "</pre>"
    return text + "</details>"


def html(matrix):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "matrix.css"),
              encoding="utf-8") as file:
        style = file.read()
    passed = not matrix["problems"] and matrix["cells"]
    out = ["<!doctype html><html lang=en><head><meta charset=utf-8>"
           "<meta name=viewport content=\"width=device-width, initial-scale=1\">"
           "<meta name=color-scheme content=\"light dark\">"
           f"<title>Which host a VM can move to</title><style>{style}</style></head><body>"
           "<h1>Which host a VM can move to</h1>"
           "<p>A VM was saved on the kernel of the row and restored on that of the column, as "
           "a model of a VMM does it. The guest was asked the same before and after. A cell links "
           "to what was seen."]
    out.append("<ul class=legend>" + "".join(
        f"<li><span class=\"sign {verdict}\">{SIGNS[verdict]}</span> <b>{verdict}</b>: {meaning}"
        for verdict, meaning in MEANINGS.items()) +
        "<li><span class=\"sign\">+</span> the aware model makes it better"
        "<li><span class=\"sign none\">·</span> the kernel of the row has no such VM</ul>")
    out.append(f"<p class={'good' if passed else 'bad'}>" +
               (f"Everything that must work does: {len(matrix['cells'])} pairs."
                if passed else f"{len(matrix['problems'])} of what must work does not."))
    for title, texts in (("What must work, and does not", matrix["problems"]),
                         ("Better than the baseline", matrix["better"])):
        if texts:
            out.append(f"<h2>{title}</h2><ul>" + "".join(f"<li>{escape(text)}"
                                                         for text in texts) + "</ul>")
    tables = list(grids(matrix))
    for shape in matrix["shapes"]:
        out.append(f"<h2>VM configuration: {escape(shape)}</h2><div class=grids>")
        out += [grid(matrix, vmm, shape, cells) for s, vmm, cells in tables if s == shape]
        out.append("</div>")
    for title, columns, rows in finding_tables(matrix):
        if rows:
            out.append(f"<h2>{title}</h2>" + table(columns, rows, 200))
    out.append("<h2>Hosts</h2>" + table(("host", "release", "trouble"), [
        (host["name"], host["release"] or "-", "; ".join(host["trouble"]) or "none")
        for host in matrix["hosts"]]))
    out.append("<h2>Every pair</h2>")
    for shape, vmm, cells in tables:
        out.append(f"<h3>{escape(vmm)}, {escape(shape)}</h3>")
        out += [details(matrix, cell) for cell in cells.values()]
    out.append(f"<footer>It took {matrix['seconds']} s.</footer></body></html>")
    return "\n".join(out) + "\n"
