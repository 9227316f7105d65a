"""What the page's files hold, and what they do not."""

import re
import subprocess

import pytest

from .files import PAGE, files

_NAMESPACE = "http://www.w3.org/2000/svg"


def test_the_page_weighs_little() -> None:
    """All of it, with the words of the one language that a browser fetches, and unpacked, is below 150 KiB."""
    sizes = {path.name: path.stat().st_size for path in PAGE.iterdir()}
    words = {name: sizes.pop(name) for name in ("en.json", "zh.json")}
    assert sum(sizes.values()) + max(words.values()) <= 150 * 1024


def test_nothing_is_asked_of_another_host() -> None:
    """No file names an address of another host."""
    for name, text in files(".html", ".css", ".js", ".svg").items():
        assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", text.replace(_NAMESPACE, "")) == [], name


def test_no_script_and_no_style_stands_in_the_markup() -> None:
    """A strict Content-Security-Policy takes nothing from the page."""
    markup = files(".html")["index.html"]
    assert re.findall(r"<script(?![^>]* src=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", markup) == []


@pytest.mark.parametrize(
    "sink",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc", "parseHTML"],
)
def test_text_never_becomes_markup(sink: str) -> None:
    """No module has a way by which a name or a caption could become an element."""
    assert [name for name, text in files(".js").items() if sink in text] == []


@pytest.mark.parametrize("name", files(".js"))
def test_a_module_is_well_formed(name: str) -> None:
    """Each module is one that an engine reads."""
    command = ["node", "--check", "--input-type=module"]
    said = subprocess.run(command, input=files(".js")[name], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("name", files(".html", ".js"))
def test_a_file_is_short(name: str) -> None:
    """Each is below 250 lines."""
    assert len(files(".html", ".js")[name].splitlines()) <= 250


def test_every_template_and_icon_that_is_asked_for_is_there() -> None:
    """A module asks for nothing that the document lacks, and the document has nothing that none asks for."""
    markup, modules = files(".html")["index.html"], "\n".join(files(".js").values())
    assert set(re.findall(r'id="template-([\w-]+)"', markup)) == set(re.findall(r'\btemplate\("([\w-]+)"\)', modules))
    icons = set(re.findall(r'id="icon-([\w-]+)"', markup))
    asked = {*re.findall(r'href="#icon-([\w-]+)"', markup), *re.findall(r'\b(?:icon|tag|shown)\("([\w-]+)"', modules)}
    assert asked - icons == set()
    assert icons - asked - {"theme-system", "theme-light", "theme-dark", "mic-off", "mic"} == set()
