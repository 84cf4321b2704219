"""The picture of *how it works*: one message on its way through the files that it meets. Text in, text out."""

from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 960, 540
WIDE = 260
"""A box for the longest names but one."""
_TITLE = "One message on its way: refused from memory, or paid by the ledger and then answered"
_STYLE = """
text{font:14px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#24292f}
.file{font:600 14px ui-monospace,SFMono-Regular,Menlo,monospace} .quiet{fill:#57606a;font-size:12.5px} .head{font-weight:600;font-size:15px}
rect{fill:#f6f8fa;stroke:#8c959f;stroke-width:1.2} .room{fill:none;stroke:#d0d7de;stroke-dasharray:5 4} .truth{fill:#ddf4ff;stroke:#0969da}
path{fill:none;stroke:#57606a;stroke-width:1.6} .silence{stroke:#9a6700} .paid{stroke:#0969da;stroke-width:2.2}
.tip{fill:#57606a;stroke:none} .tip.silence{fill:#9a6700} .tip.paid{fill:#0969da} .says.silence{fill:#9a6700;stroke:none} .says.paid{fill:#0969da;stroke:none}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3} .quiet{fill:#9198a1} rect{fill:#161b22;stroke:#6e7681} .room{fill:none;stroke:#3d444d} .truth{fill:#0c2d4d;stroke:#4493f8}
path{stroke:#9198a1} .silence{stroke:#d29922} .paid{stroke:#4493f8} .tip{fill:#9198a1} .tip.silence{fill:#d29922} .tip.paid{fill:#4493f8}
.says.silence{fill:#d29922} .says.paid{fill:#4493f8}
}"""


class Box(NamedTuple):
    """A file that a message meets, and what is done there."""

    file: str
    does: tuple[str, ...]
    x: int
    y: int
    width: int = 210
    kind: str = ""


class Arrow(NamedTuple):
    """A way from point to point, and what goes along it."""

    points: tuple[tuple[int, int], ...]
    says: str = ""
    at: tuple[int, int] = (0, 0)
    kind: str = ""


BOXES = (
    Box("edge/web/app.py", ("reads the body, capped", "and timed; sends the answer"), 40, 110),
    Box("edge/core/answering/desk.py", ("precheck, handle, finish;", "counts each answer once"), 345, 110, WIDE),
    Box("edge/providers/", ("check the signature,", "then take out a Message"), 345, 250),
    Box("edge/core/answering/gate.py", ("the ordered checks, on what", "this worker remembers"), 660, 110, WIDE),
    Box("edge/ledger/batcher.py", ("what waits meanwhile", "shares the next step"), 660, 330),
    Box("edge/core/charging/books.py", ("check all limits,", "then take from all"), 660, 450, WIDE),
    Box("edge/ledger/", ("SQLite or Valkey: written", "before the reply leaves"), 345, 450, WIDE, kind="truth"),
    Box(
        "edge/core/answering/replies.py",
        ("bytes, prepared: the reply,", "or an answer that says nothing"),
        40,
        330,
        285,
    ),
)
ARROWS = (
    Arrow(((20, 60), (145, 60), (145, 110)), "the provider's POST, through the CDN and Granian", (160, 64)),
    Arrow(((250, 130), (345, 130)), "", (0, 0)),
    Arrow(((475, 180), (475, 250)), "read", (484, 220)),
    Arrow(((605, 130), (660, 130)), "", (0, 0)),
    Arrow(
        ((740, 110), (740, 84), (475, 84), (475, 110)),
        "a reason to stay silent, from memory: nothing is written",
        (488, 78),
        "silence",
    ),
    Arrow(((720, 180), (720, 330)), "a Question: may this reply be paid?", (730, 260), "paid"),
    Arrow(((720, 400), (720, 450)), "a Charge", (730, 430), "paid"),
    Arrow(((660, 485), (605, 485)), "", (0, 0), "paid"),
    Arrow(((475, 450), (475, 400), (632, 400), (632, 215), (540, 215), (540, 180)), "a Decision", (535, 394), "paid"),
    Arrow(((380, 180), (380, 230), (182, 230), (182, 330)), "an Answer", (190, 248)),
    Arrow(((90, 330), (90, 180)), "", (0, 0)),
)


def draw() -> str:
    """Return the picture as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_TITLE}">',
        f"<style>{_STYLE}</style>",
        f'<text class="head" x="20" y="30">{_TITLE}</text>',
        *(line for box in BOXES for line in _box(box)),
        *(line for arrow in ARROWS for line in _arrow(arrow)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box) -> list[str]:
    kind = f' class="{box.kind}"' if box.kind else ""
    return [
        f'<rect{kind} x="{box.x}" y="{box.y}" width="{box.width}" height="70" rx="6"/>',
        f'<text class="file" x="{box.x + 12}" y="{box.y + 23}">{escape(box.file)}</text>',
        *(
            f'<text class="quiet" x="{box.x + 12}" y="{box.y + 42 + 17 * nth}">{escape(line)}</text>'
            for nth, line in enumerate(box.does)
        ),
    ]


def _arrow(arrow: Arrow) -> list[str]:
    way = " L".join(f"{x} {y}" for x, y in arrow.points)
    (x0, y0), (x1, y1) = arrow.points[-2:]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    back = (x1 - 9 * dx, y1 - 9 * dy)
    tip = f"{x1},{y1} {back[0] - 5 * dy},{back[1] - 5 * dx} {back[0] + 5 * dy},{back[1] + 5 * dx}"
    lines = [f'<path class="{arrow.kind}" d="M{way}"/>', f'<polygon class="tip {arrow.kind}" points="{tip}"/>']
    if arrow.says:
        x, y = arrow.at
        lines.append(f'<text class="quiet says {arrow.kind}" x="{x}" y="{y}">{escape(arrow.says)}</text>')
    return lines
