"""The files of an import."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; what is wrong with an empty one is told with its table."""

    widget = _ManyFiles({"accept": ".zip,.csv,.xlsx,.parquet"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        several = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in several or [None]]


class ImportForm(forms.Form):
    files = FilesField(
        label=gettext_lazy("files"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "One ZIP file, or the tables themselves: customers.csv, offers.xlsx, products.parquet …"
        ),
        error_messages={"required": gettext_lazy("Choose a ZIP file or the files of the tables.")},
    )
