"""Writes real-files.json beside it: small files as the tools that people have write them.

Run where zip, 7z, jar and qpdf are, with Pillow, python-docx, openpyxl, python-pptx, reportlab
and pypdf in a virtual environment. What is in the files is made up.
"""

import base64
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import docx
import openpyxl
import PIL
import pptx
import pypdf
import reportlab
from PIL import Image, ImageDraw
from pypdf.actions import JavaScript
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

HERE = pathlib.Path(__file__).parent
cases = {}


def add(name, by, data):
    cases[name] = {"by": by, "bytes": base64.b64encode(data).decode()}


def saved(save):
    out = io.BytesIO()
    save(out)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """Goes one way, as a response does."""

    def __init__(self):
        self.parts = []

    def writable(self):
        return True

    def write(self, data):
        self.parts.append(bytes(data))
        return len(data)


def office():
    document = docx.Document()
    document.add_heading("A letter", 0)
    document.add_paragraph("Some text. " * 50)
    document.add_table(rows=2, cols=2)
    add("letter.docx", f"python-docx {docx.__version__}", saved(document.save))
    book = openpyxl.Workbook()
    for row in range(100):
        book.active.append([row, f"name {row}", row * 1.5])
    add("table.xlsx", f"openpyxl {openpyxl.__version__}", saved(book.save))
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "A title"
    add("slides.pptx", f"python-pptx {pptx.__version__}", saved(slides.save))


def picture(mode="RGB", size=(60, 40)):
    image = Image.new(mode, size, 0 if mode in ("L", "P") else None)
    draw = ImageDraw.Draw(image)
    draw.ellipse((5, 5, 35, 35), fill=200 if mode in ("L", "P") else (200, 30, 60))
    return image


def images():
    by = f"Pillow {PIL.__version__}"
    for name, kind, mode, options in [
        ("rgb.png", "PNG", "RGB", {}),
        ("alpha.png", "PNG", "RGBA", {}),
        ("palette.png", "PNG", "P", {}),
        ("grey.png", "PNG", "L", {"dpi": (300, 300)}),
        ("plain.jpg", "JPEG", "RGB", {"quality": 80}),
        ("progressive.jpg", "JPEG", "RGB", {"progressive": True, "comment": b"made up"}),
        ("cmyk.jpg", "JPEG", "CMYK", {}),
        ("plain.gif", "GIF", "P", {}),
        ("lossy.webp", "WEBP", "RGB", {}),
        ("lossless.webp", "WEBP", "RGBA", {"lossless": True}),
        ("plain.avif", "AVIF", "RGB", {}),
    ]:
        image = picture("RGB") if mode == "CMYK" else picture(mode)
        add(name, by, saved(lambda out: image.convert(mode).save(out, kind, **options)))
    frames = [picture(), picture().rotate(90), picture().rotate(180)]
    for name, kind in [("moving.gif", "GIF"), ("moving.webp", "WEBP"), ("moving.png", "PNG")]:
        add(name, by, saved(lambda out: frames[0].save(out, kind, save_all=True, append_images=frames[1:])))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "made up"
    exif.get_ifd(0x8825)[1] = "N"
    add("turned.jpg", by, saved(lambda out: picture().save(out, "JPEG", exif=exif)))


def pdfs():
    by = f"reportlab {reportlab.__version__}"

    def page(out, **options):
        sheet = canvas.Canvas(out, **options)
        for number in range(3):
            sheet.drawString(100, 700, f"Page {number}")
            sheet.linkURL("https://example.com/", (100, 690, 200, 710))
            sheet.bookmarkPage(str(number))
            sheet.addOutlineEntry(f"Page {number}", str(number))
            sheet.showPage()
        sheet.save()

    plain = saved(page)
    add("plain.pdf", by, plain)
    add("compressed.pdf", by, saved(lambda out: page(out, pageCompression=1)))
    add("encrypted.pdf", by, saved(lambda out: page(out, encrypt=StandardEncryption("made-up"))))

    def form(out):
        sheet = canvas.Canvas(out, invariant=1)
        sheet.acroForm.textfield(name="field", x=100, y=700)
        sheet.showPage()
        sheet.save()

    add("form.pdf", by, saved(form))
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/a.pdf", f"{folder}/b.pdf"
        pathlib.Path(source).write_bytes(plain)
        for name, options in [
            ("object-streams.pdf", ["--object-streams=generate"]),
            ("linearized.pdf", ["--linearize", "--object-streams=generate"]),
        ]:
            subprocess.run(["qpdf", "--deterministic-id", *options, source, target], check=True)
            add(name, tool("qpdf", "--version"), pathlib.Path(target).read_bytes())

        by = f"pypdf {pypdf.__version__}"
        for name, change in [
            ("script.pdf", lambda writer: writer.add_open_action(JavaScript("app.alert(1)"))),
            ("attachment.pdf", lambda writer: writer.add_attachment("a.txt", b"made up")),
        ]:
            writer = pypdf.PdfWriter(clone_from=source)
            change(writer)
            active = saved(writer.write)
            add(name, by, active)
            pathlib.Path(source).write_bytes(active)
            subprocess.run(
                ["qpdf", "--deterministic-id", "--object-streams=generate", source, target], check=True
            )
            add(f"hidden-{name}", f"{by}, {tool('qpdf', '--version')}", pathlib.Path(target).read_bytes())
            pathlib.Path(source).write_bytes(plain)


def tool(*command):
    answer = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in (answer.stdout + answer.stderr).splitlines() if line.strip()]
    return lines[0].strip()


def archives():
    text = "Some text of a file. " * 500
    by = f"Python {sys.version.split()[0]} zipfile"

    def packed(out, method=zipfile.ZIP_DEFLATED, names=("a.txt", "folder/b.txt"), force=False):
        with zipfile.ZipFile(out, "w", method) as archive:
            for name in names:
                with archive.open(name, "w", force_zip64=force) as entry:
                    entry.write(text.encode())

    add("deflated.zip", by, saved(packed))
    add("stored.zip", by, saved(lambda out: packed(out, zipfile.ZIP_STORED)))
    add("names.zip", by, saved(lambda out: packed(out, names=("\u0645\u0644\u0641.txt", "caf\u00e9/\u65e5.txt"))))
    add("wide.zip", by, saved(lambda out: packed(out, force=True)))
    for name, method in [("piped.zip", zipfile.ZIP_DEFLATED), ("piped-stored.zip", zipfile.ZIP_STORED)]:
        pipe = Pipe()
        packed(pipe, method)
        add(name, by, b"".join(pipe.parts))
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "in" / "folder").mkdir(parents=True)
        (root / "in" / "a.txt").write_text(text)
        (root / "in" / "folder" / "b.txt").write_text(text)
        (root / "in" / "empty.txt").write_text("")
        for name, by, command in [
            ("info-zip.zip", "Info-ZIP zip 3.0", ["zip", "-qr", "../out.zip", "."]),
            ("7z.zip", tool("7z").split(" :")[0], ["7z", "a", "-tzip", "../out.zip", "."]),
            ("jar.zip", f"{tool('jar', '--version')}", ["jar", "cfM", "../out.zip", "."]),
            ("manifest.zip", f"{tool('jar', '--version')}", ["jar", "cf", "../out.zip", "."]),
        ]:
            subprocess.run(command, cwd=root / "in", check=True, stdout=subprocess.DEVNULL)
            add(name, by, (root / "out.zip").read_bytes())
            (root / "out.zip").unlink()
        piped = subprocess.run(["zip", "-qr", "-", "."], cwd=root / "in", capture_output=True, check=True)
        add("info-zip-piped.zip", "Info-ZIP zip 3.0", piped.stdout)
        stdin = subprocess.run(["zip", "-q", "-", "-"], input=text.encode(), capture_output=True, check=True)
        add("info-zip-stdin.zip", "Info-ZIP zip 3.0", stdin.stdout)
    by = f"Python {sys.version.split()[0]} zipfile"
    inner = saved(packed)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner)
        archive.writestr("letter.docx", base64.b64decode(cases["letter.docx"]["bytes"]))
    add("nested.zip", by, out.getvalue())


office()
images()
pdfs()
archives()
(HERE / "real-files.json").write_text(
    json.dumps(
        {
            "source": "made by make-files.py beside it, with the tools that each case names",
            "licence": "Apache-2.0, as all of Bulwark; what is in them is made up",
            "what": "Files as base64, by name: what people send, and must be taken. script.pdf and attachment.pdf act.",
            "cases": cases,
        },
        indent=1,
    )
    + "\n"
)
print(sum(len(case["bytes"]) for case in cases.values()), "letters,", len(cases), "files")
