"""`opsatlas label`: hand labelling, from a sample to what it says of the machine's taxonomy."""

from __future__ import annotations

import typer

from opsatlas.cli.label import (
    agree,
    codebook,
    coding,
    exchange,
    joining,
    sample,
    saturation,
    sets,
    validate,
)
from opsatlas.cli.writers import writes

app = typer.Typer(
    no_args_is_help=True,
    help="Hand labelling: sample, code blind, agree, adjudicate, validate.",
)
app.command()(writes(sample.sample))
app.command()(coding.annotate)
app.add_typer(sets.wave_app, name="wave")
app.command()(agree.agree)
app.command()(coding.adjudicate)
app.command()(validate.validate)
app.command()(saturation.saturation)
app.add_typer(codebook.app, name="codebook")
app.command("import")(writes(exchange.import_labels))
app.command("export")(writes(exchange.export_labels))
app.command()(writes(joining.merge))
app.command()(writes(joining.copy))
app.command()(joining.check)
app.command("list")(sets.list_sets)
app.command("show")(sets.show_set)
app.command()(sets.log)
