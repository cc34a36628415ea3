"""The page of a program shows what `--help` says."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from pynetdicom.__main__ import PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/reference/programs"


def load_generator() -> ModuleType:
    path = ROOT / "tools" / "generate_program_pages.py"
    spec = importlib.util.spec_from_file_location("generate_program_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generator = load_generator()


def test_the_pages_show_what_the_programs_say(capsys: pytest.CaptureFixture[str]) -> None:
    status = generator.main(["--check"])

    assert (status, capsys.readouterr().out) == (0, ""), (
        "run python tools/generate_program_pages.py"
    )


def test_every_program_has_a_page_and_no_page_is_left() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == sorted(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_page_has_examples_and_exit_statuses(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")

    assert re.search(r"## Examples\n\n```console\n\$ .*pynetdicom ", page)
    assert "## Exit status\n\n| Status | |\n| --- | --- |\n| 0 | " in page
    assert "| 2 | the arguments " in page


def test_a_page_that_is_out_of_date_fails_with_a_diff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generator.main([], tmp_path)
    page = tmp_path / "echoscu.md"
    page.write_text(page.read_text(encoding="utf-8").replace("--repeat", "--again") + "By hand.\n")

    status = generator.main(["--check"], tmp_path)
    diff = capsys.readouterr().out
    generator.main([], tmp_path)

    assert status == 1
    assert "-  --again N " in diff
    assert "+  --repeat N " in diff
    assert page.read_text(encoding="utf-8").endswith("By hand.\n")
    assert generator.main(["--check"], tmp_path) == 0


def test_a_page_without_a_block_is_named(tmp_path: Path) -> None:
    (tmp_path / "echoscu.md").write_text("# echoscu\n")

    with pytest.raises(ValueError, match="the page of echoscu has no line"):
        generator.main([], tmp_path)
