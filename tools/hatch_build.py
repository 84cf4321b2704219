"""The build's hook: compiles what can be (`tools/compile.py`), into the tree for an editable install, or into the wheel."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags


class CompilingHook(BuildHookInterface[Any]):
    """Compiles where a compiler is there, and says in a line whether it did."""

    PLUGIN_NAME = "custom"
    _made: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a wheel that holds something compiled is for this kind of machine, and for Python 3.11 and later."""
        if version == "editable":
            self._compile(Path(self.root, "edge", "compiled"))
            return
        self._made = tempfile.TemporaryDirectory()
        for file in self._compile(Path(self._made.name)):
            build_data["force_include"][str(file)] = f"edge/compiled/{file.name}"
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Forget what was made for the wheel."""
        del version, build_data, artifact_path
        self._forget()

    def _compile(self, folder: Path) -> list[Path]:
        """Compile into a folder; return the file that was made, if there is one. Ends the build if one had to be made."""
        command = [sys.executable, str(Path(self.root, "tools", "compile.py")), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  this Python
        if done.returncode:
            self._forget()
            self.app.abort(done.stderr.strip())
        self.app.display_info(done.stdout.strip())
        return list(folder.glob("*.so"))

    def _forget(self) -> None:
        if self._made is not None:
            self._made.cleanup()


def _platform() -> str:
    """Return the kind of machine, as wheels call it; what promises that it runs on others is not for a build like this."""
    return next(
        tag.platform for tag in sys_tags() if "manylinux" not in tag.platform and "musllinux" not in tag.platform
    )
