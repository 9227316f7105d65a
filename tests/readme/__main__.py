"""Write the generated parts of the READMEs: `python -m tests.readme`."""

from .document import READMES
from .generated import filled

for path in READMES.values():
    path.write_text(filled(path.read_text()))
