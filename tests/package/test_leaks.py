"""Nothing secret is in a student package: planted leaks are found, in whatever form."""

import base64
import gzip
import io
import json
import lzma
import zipfile
import zlib

import numpy as np
import pytest

from autograder.errors import CourseError
from autograder.package.leaks import leaks_in, refuse, secrets_of
from autograder.package.student import build, package_files, zipped
from autograder.topic import load_topic

LINE = 'return torch.einsum("nd,d->nd", x, factor)'
HINT = "what becomes of gradients that reach one number along several ways?"


def packed_zip(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", content)
    return buffer.getvalue()


def array(content):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, letters=np.frombuffer(content, dtype=np.uint8))
    return buffer.getvalue()


def text_array(content):
    buffer = io.BytesIO()
    np.save(buffer, np.array([content.decode()]))
    return buffer.getvalue()


ENCODINGS = {
    "plain": lambda content: content,
    "with other white space": lambda content: content.replace(b" ", b"\n\t "),
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "URL-safe base64 in a sentence": lambda content: b'data = "x' + base64.urlsafe_b64encode(content) + b'"',
    "hexadecimal": lambda content: content.hex().encode(),
    "escaped": lambda content: b"".join(b"\\x%02x" % byte for byte in content),
    "zlib": zlib.compress,
    "zlib behind other bytes": lambda content: b"header" + zlib.compress(content),
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zip": packed_zip,
    "zip in a zip": lambda content: packed_zip(packed_zip(content)),
    "base64 of zlib": lambda content: base64.b64encode(zlib.compress(content)),
    "array": array,
    "array of text": text_array,
    "notebook": lambda content: json.dumps(
        {"cells": [{"cell_type": "code", "source": [content.decode()[:20], content.decode()[20:]]}]}
    ).encode(),
    "notebook output in base64": lambda content: json.dumps(
        {"cells": [{"outputs": [{"data": {"image/png": base64.b64encode(content).decode()}}]}]}
    ).encode(),
    "HTML": lambda content: content.replace(b'"', b"&quot;").replace(b">", b"&gt;"),
}


@pytest.fixture(scope="module")
def secrets(built):
    return secrets_of(built[0])


def found_in(content, secrets, name="scale/data/people.csv"):
    return leaks_in(zipped({name: content}, root="x"), secrets)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", [LINE, HINT], ids=["reference", "hint"])
def test_a_planted_leak_is_found_in_every_encoding(secrets, encoding, text):
    content = ENCODINGS[encoding](f"x = 1\n    {text}\ny = 2\n".encode())
    assert found_in(content, secrets)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_harmless_text_is_no_leak_in_any_encoding(secrets, encoding):
    content = ENCODINGS[encoding](b"import numpy as np\nprint('Scale the columns of this matrix, please')\n")
    assert found_in(content, secrets) == []


@pytest.mark.parametrize(
    "text, what",
    [
        ("tall_matrix_is_scaled", "reference/scale/hidden.py line 9 (name `tall_matrix_is_scaled`)"),
        ("scale is right for a tall random matrix.", "reference/scale/hidden.py line 10 (text)"),
        ("dx = np.multiply(dout, factor)", "solutions/scale/solution.py line 22"),
        ("y[row, column] = x[row, column] * factor[column]", "solutions/scale/accepted.py line 15"),
        ("factor_gradient_averaged", "(name `factor_gradient_averaged`)"),
        ("Writes x * (1 + factor), as some layers do", "solutions/scale/mistakes.py"),
    ],
)
def test_each_kind_of_secret_is_found_and_named(secrets, text, what):
    if "Writes" in text:
        text += " whose factor starts at zero."
    found = [str(leak) for leak in found_in(text.encode(), secrets)]
    assert any(what in leak for leak in found), found


@pytest.mark.parametrize("encode", [bytes.fromhex, str.encode, lambda text: base64.b64encode(bytes.fromhex(text))])
def test_the_course_secret_is_found(built, secrets, encode):
    key = built[0].course.secret()
    found = found_in(b"# " + encode(key.hex()), secrets)
    assert "the course secret" in {leak.what for leak in found}


def test_a_secret_in_a_file_name_is_found(secrets):
    assert found_in(b"", secrets, name="data/tall_matrix_is_scaled.csv")


def test_a_secret_in_the_comment_of_the_zip_is_found(secrets):
    buffer = io.BytesIO(zipped({"a.txt": b""}, root="x"))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = LINE.encode()
    assert leaks_in(buffer.getvalue(), secrets)


def test_the_package_of_a_clean_topic_is_clean(built):
    topic, archive = built
    refuse(archive.read_bytes(), topic)


def test_an_answer_that_was_left_in_the_handout_stops_the_build(topic, tmp_path):
    page = topic.path("notebook")
    text = page.read_text(encoding="utf-8")
    page.write_text(text + "\n```python\ndef mine(x, factor):\n    return x * factor\n```\n", encoding="utf-8")
    topic = load_topic(topic.course, "scale")
    with pytest.raises(CourseError, match=r"scale\.ipynb.*solution\.py line 15 \(all of `scale`\)"):
        build(topic, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_a_function_that_the_handout_gives_and_no_question_asks_for_is_no_leak(topic):
    page, solution = topic.path("notebook"), topic.path("solution")
    given = "def softened(scores):\n    return np.exp(scores) / np.exp(scores).sum()\n"
    page.write_text(f"{page.read_text(encoding='utf-8')}\n```python\n{given}```\n", encoding="utf-8")
    solution.write_text(f"{solution.read_text(encoding='utf-8')}\n\n{given}", encoding="utf-8")
    topic = load_topic(topic.course, "scale")
    refuse(zipped(package_files(topic), root="scale"), topic)


def test_a_copy_of_the_hidden_checks_in_the_public_folder_stops_the_build(topic, tmp_path):
    (topic.folder / "data" / "old.txt").write_bytes(topic.path("hidden").read_bytes())
    with pytest.raises(
        CourseError, match=r"old\.txt: reference/scale/hidden\.py line \d+ \(all of `tall_matrix_is_scaled`\)"
    ):
        build(load_topic(topic.course, "scale"), tmp_path / "dist")


def test_lines_that_a_stub_gives_away_are_no_leak(topic):
    page, solution = topic.path("notebook"), topic.path("solution")
    given = "    y = np.asarray(x, dtype=np.float64) * factor\n"
    page.write_text(
        page.read_text(encoding="utf-8").replace(
            '    raise NotImplementedError("q1', given + '    raise NotImplementedError("q1'
        )
    )
    solution.write_text(solution.read_text(encoding="utf-8").replace("    return x * factor", given + "    return y"))
    topic = load_topic(topic.course, "scale")
    refuse(zipped(package_files(topic), root="scale"), topic)


def test_what_public_and_hidden_checks_share_is_no_leak(topic):
    shared = (
        "\n\ndef _taken_apart(result, names):\n    parts = [result[name] for name in names]\n    return tuple(parts)\n"
    )
    for part in ("checks", "hidden"):
        with topic.path(part).open("a", encoding="utf-8") as file:
            file.write(shared)
    topic = load_topic(topic.course, "scale")
    refuse(zipped(package_files(topic), root="scale"), topic)


def test_the_name_of_a_public_check_in_a_mistake_is_no_leak(topic):
    path = topic.path("mistakes")
    text = path.read_text(encoding="utf-8").replace('caught_by=("worked', 'caught_by=(\n        "worked')
    path.write_text(
        text.replace('right", "tall', 'right",\n        "tall').replace(
            'right", "gradients', 'right",\n        "gradients'
        )
    )
    topic = load_topic(topic.course, "scale")
    refuse(zipped(package_files(topic), root="scale"), topic)


def test_many_leaks_are_counted(topic, tmp_path):
    (topic.folder / "data" / "all.txt").write_bytes(
        topic.path("mistakes").read_bytes() + topic.path("hidden").read_bytes()
    )
    (topic.folder / "data" / "all.bin").write_bytes(zlib.compress(topic.path("mistakes").read_bytes()))
    with pytest.raises(CourseError, match=r"gives? away secrets.*\.\.\. and \d+ more|secrets, so it was not written"):
        build(load_topic(topic.course, "scale"), tmp_path / "dist")
