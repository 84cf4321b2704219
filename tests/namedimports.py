"""A contract for import-linter: what some modules may import of a package is named; all else of it is refused.

A list of what is forbidden lets the next new module through; this one does not.
"""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class NamedImports(Contract):
    """`importers` import of `package` only what stands in `allowed`. `a.b` is one module, `a.b.**` it and all inside it.

    The package `*` is everything; of what lies outside of the program, only the first part of a name is known.
    """

    type_name = "named"

    importers = fields.ListField(subfield=fields.StringField())
    package = fields.StringField()
    allowed = fields.ListField(subfield=fields.StringField(), required=False, default=())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 — the library's signature
        """Return whether every direct import is one of those that are named."""
        importers = self._modules(graph, self.importers)
        allowed = self._modules(graph, self.allowed)
        refused = sorted(
            (importer, imported)
            for importer in importers
            for imported in graph.find_modules_directly_imported_by(importer)
            if _lies_in(imported, str(self.package)) and imported not in allowed
        )
        return ContractCheck(kept=not refused, metadata={"refused": refused})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that is not named."""
        for importer, imported in check.metadata["refused"]:
            output.print_error(f"- {importer} imports {imported}")

    @staticmethod
    def _modules(graph: ImportGraph, names: Any) -> set[str]:
        """Return the modules. Raises ValueError for a name that is none: it would allow, or watch, nothing."""
        found: set[str] = set()
        for name in names:
            module = name.removesuffix(".**")
            if module not in graph.modules:
                raise ValueError(f"{module} is no module")
            found |= {module} if module == name else {module} | graph.find_descendants(module)
        return found


def _lies_in(module: str, package: str) -> bool:
    return package in {"*", module} or module.startswith(f"{package}.")
