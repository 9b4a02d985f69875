"""The files of an import."""

from django import forms
from django.utils.translation import gettext_lazy

from customers.form_fields import FilesField


class ImportForm(forms.Form):
    files = FilesField(
        label=gettext_lazy("files"),
        accept=".zip,.csv,.xlsx,.parquet",
        # What is wrong with an empty one is told with its table.
        allow_empty_file=True,
        help_text=gettext_lazy(
            "One ZIP file, or the tables themselves: customers.csv, offers.xlsx, products.parquet …"
        ),
        error_messages={"required": gettext_lazy("Choose a ZIP file or the files of the tables.")},
    )
