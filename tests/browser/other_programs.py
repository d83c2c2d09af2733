"""Firefox and LibreOffice print HTML to PDF as they do for people who change no settings."""

import json
import shutil
import subprocess
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.browser.navigation import IN_CI, TIMEOUT

_FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
_SOFFICE = shutil.which("soffice")
_PRINT = "<script>addEventListener('load', () => setTimeout(print, 100))</script>"
RED_LABELS = "@media print{.label{background:#ff0000;print-color-adjust:exact}}"


def _needs(program: str | None, name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not program and not IN_CI, reason=f"{name} is not installed")


needs_firefox = _needs(_FIREFOX, "Firefox")
needs_libreoffice = _needs(_SOFFICE, "LibreOffice")


def print_with_firefox(html: str, folder: Path) -> bytes:
    """The PDF that Firefox saves with its default settings: WebDriver has margins of its own."""
    profile, page, pdf = folder / "profile", folder / "page.html", folder / "page.pdf"
    profile.mkdir()
    settings: dict[str, bool | str] = {
        "print.always_print_silent": True,
        "print_printer": "Mozilla Save to PDF",
        "print.print_to_file": True,
        "print.printer_Mozilla_Save_to_PDF.print_to_file": True,
        "print.printer_Mozilla_Save_to_PDF.print_to_filename": str(pdf),
        "datareporting.policy.dataSubmissionEnabled": False,
    }
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(to)});" for key, to in settings.items()]
    (profile / "user.js").write_text("\n".join(lines))
    page.write_text(html + _PRINT)
    command = [_FIREFOX or "firefox", "--headless", "--no-remote", "--profile", str(profile)]
    with subprocess.Popen([*command, page.as_uri()], stderr=subprocess.DEVNULL) as firefox:
        try:
            end = monotonic() + TIMEOUT
            while not (pdf.exists() and pdf.read_bytes().rstrip().endswith(b"%%EOF")):
                assert firefox.poll() is None, "Firefox has ended"
                assert monotonic() < end, "Firefox has not printed"
                sleep(0.2)
        finally:
            firefox.terminate()
    return pdf.read_bytes()


def print_with_libreoffice(html: str, folder: Path) -> bytes:
    """The PDF of a text document; LibreOffice's filter for web pages loses the first paragraph."""
    page = folder / "page.html"
    page.write_text(html)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    filters = ["--infilter=HTML (StarWriter)", "--convert-to", "pdf:writer_pdf_Export"]
    subprocess.run(
        [_SOFFICE or "soffice", profile, "--headless", *filters, "--outdir", folder, page],
        check=True, capture_output=True, timeout=TIMEOUT,
    )  # fmt: skip
    return page.with_suffix(".pdf").read_bytes()
