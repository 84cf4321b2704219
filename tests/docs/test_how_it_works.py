"""Facts about the pages that explain the code: every file that they name exists, and every name is defined, where they say so."""

import ast
import re
from functools import cache

import pytest

from docs import picture
from tests import ROOT

PAGES = ["docs/explanation/how-it-works.md", "docs/reference/glossary.md", "CONTRIBUTING.md"]
FOLDERS = ("edge", "loadtest")
FILE = r"[\w.-]+/[\w./-]*"
NAME = r"[A-Za-z_]\w*"
IN = re.compile(rf"((?:`{NAME}`(?:,| and|, and) )*`{NAME}`),? (?:in|of) `({FILE})`")
"""How a sentence says where names are at home."""
ROW = re.compile(rf"^\|.*\| `({FILE})` ((?:`{NAME}`(?:, )?)+) \|$", re.MULTILINE)
"""How a row of the glossary says it."""


def text_of(page):
    """Return a page without its blocks of code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def named(page):
    """Return what a page names as code, outside of its blocks."""
    return re.findall(r"`([^`\n]+)`", text_of(page))


@cache
def defined(path):
    """Return what a file defines: classes, functions, fields, constants, and words that are values (a reason, a key). Not what its docstrings say. Of a folder, its files."""
    if path.is_dir():
        return frozenset(file.stem for file in path.iterdir())
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".lua":
        return frozenset(re.findall(r"(?:local(?: function)?|function) (\w+)", text))
    nodes = list(ast.walk(ast.parse(text)))
    values = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return frozenset(
        name for node in nodes if id(node) not in values for name in [_name(node)] if re.fullmatch(NAME, name)
    )


def _name(node):
    """Return what a part of the code defines; blank if that is nothing."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return name
        case ast.Constant(value=str(name)):
            return name
    return ""


@cache
def everything():
    """Return what all files of the programs define, and the names of files and folders, which the reading list has without their path."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".lua"}]
    return frozenset().union(*map(defined, paths), *({path.stem, path.parent.name} for path in paths))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page):
    """A file that was moved is found here."""
    files = [name for name in named(page) if re.fullmatch(FILE, name)]

    assert files
    assert [] == [name for name in files if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_name_is_defined(page):
    """A class, a function, a field or a reason that was renamed is found here, though some docstring still has it."""
    elsewhere = [file for _, file in IN.findall(text_of(page)) if not file.startswith(FOLDERS)]
    known = everything().union(*(defined(ROOT / file) for file in elsewhere))
    names = [name for name in named(page) if re.fullmatch(NAME, name)]

    assert names
    assert [] == [name for name in names if name not in known]


@pytest.mark.parametrize("page", PAGES)
def test_every_name_is_where_the_page_says(page):
    """In a sentence, "`name` in `file`"; in a row of the glossary, the file and then its names."""
    rows = [(names, file) for file, names in ROW.findall(text_of(page))]
    said = [
        (name, file)
        for names, file in [*IN.findall(text_of(page)), *rows]
        for name in re.findall(rf"`({NAME})`", names)
    ]

    assert said
    assert [] == [(name, file) for name, file in said if name not in defined(ROOT / file)]


def test_what_a_docstring_says_is_not_defined_by_it(tmp_path):
    """Nor by a string that stands alone, or an import; a field, a constant and a value are."""
    file = tmp_path / "some.py"
    file.write_text('"""gone"""\nimport other\nKIND = "sent"\n"""of_kind"""\n\n\nclass Some:\n    field: int\n')

    assert {"KIND", "sent", "Some", "field"} == defined(file)


def test_the_picture_shows_files_that_exist():
    """In the order in which a message meets them, or not: but no file that is gone."""
    assert [] == [box.file for box in picture.BOXES if not (ROOT / box.file).exists()]


def test_the_picture_has_no_field_left_unfilled():
    """What stands in braces was meant to be a value."""
    assert "{" not in picture.draw().partition("</style>")[2]
