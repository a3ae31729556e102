"""Writing: whole or not at all, and nothing of the user's is lost.

A file or folder is made beside its place under a temporary name, flushed to the disk and
moved there in one step. When anything fails on the way, what stood there before is
untouched and the temporary copy is removed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from geoprofiles.errors import OutputError

MANIFEST = "manifest.json"
"""Name of the file that marks a folder as made by geoprofiles and lists what is in it."""


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits.

    Examples
    --------
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def write_file(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write one file, whole or not at all.

    Parameters
    ----------
    path : path
        Where; an existing file there is replaced. Its folder must exist.
    content : bytes or str
        Text is written as UTF-8.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If the folder is missing or not writable, the disk is full, or the file is held open
        by another program.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(Path(folder) / "a.txt", "one").read_text()
    'one'
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    with _told(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        # An existing file keeps its rights; a new one gets what the user's umask gives.
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(mode)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return path


def write_folder(
    path: str | os.PathLike[str], files: Mapping[str, bytes | str], *, overwrite: bool = False
) -> Path:
    """Write a folder of files, whole or not at all.

    Parameters
    ----------
    path : path
        Where. It may be new, empty, or a folder that geoprofiles made and nobody changed
        since: that one is replaced.
    files : mapping of str to bytes or str
        Path inside the folder (with ``/``) to content.
    overwrite : bool
        Replace the folder even if files in it were added or changed by hand.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If the folder holds something that is not ours to replace, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = write_folder(Path(parent) / "out", {"a/b.txt": "one"})
    ...     [str(file.relative_to(folder)) for file in folder.rglob("*.txt")]
    ['a/b.txt']
    """
    path = Path(path)
    check_replaceable(path, overwrite=overwrite)
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
        try:
            temporary.chmod(0o777 & ~_umask())
            for name, content in files.items():
                _write_inside(temporary, name, content)
            _swap(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return path


def check_replaceable(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Refuse a folder that holds what geoprofiles did not write, or that cannot be written.

    Called before long work, so that a run does not end in a refusal it could have begun with.

    Raises
    ------
    OutputError
        If the path is a file, the folder holds files that are not in its manifest or were
        changed since, or its parent is not writable.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path}: this is a file; the output must be a folder. Choose another.")
    with _told(path):
        _check_writable(path)
        held = sorted(file for file in path.rglob("*") if not file.is_dir())
    if not held or overwrite:
        return
    listed = _listed(path / MANIFEST)
    if listed is None:
        raise OutputError(
            f"{path}: the folder is not empty and was not made by geoprofiles."
            " Choose another folder, or say --overwrite to replace all that is in it."
        )
    for file in held:
        name = file.relative_to(path).as_posix()
        if name == MANIFEST:
            continue
        if name not in listed or sha256(file.read_bytes()) != listed[name]:
            done = "was changed" if name in listed else "was added"
            raise OutputError(
                f"{path}: '{name}' {done} since geoprofiles wrote this folder."
                " Move it away, choose another folder, or say --overwrite to replace everything."
            )


def _check_writable(path: Path) -> None:
    existing = path
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"'{existing}' is a file")
    # Trying is surer than asking: rights, read-only mounts and quotas all speak here.
    handle, name = tempfile.mkstemp(prefix=".geoprofiles.", dir=existing)
    os.close(handle)
    Path(name).unlink()


def _listed(manifest: Path) -> dict[str, str] | None:
    """Return path to sha256 as a manifest lists them; None where it is not one of ours."""
    if not manifest.is_file():
        return None
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        if "geoprofiles" not in content["versions"]:
            return None
        return {output["file"]: output["sha256"] for output in content["outputs"]}
    except (ValueError, KeyError, TypeError):
        return None


def _write_inside(folder: Path, name: str, content: bytes | str) -> None:
    target = folder / name
    if not target.resolve().is_relative_to(folder.resolve()):
        raise OutputError(f"{name}: an output's name may not lead out of its folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())


def _swap(new: Path, path: Path) -> None:
    if not path.exists():
        new.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
    kept = old / "earlier"
    path.rename(kept)
    try:
        new.rename(path)
    except BaseException:
        kept.rename(path)  # should this fail too, the earlier folder is still there as `kept`
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the system's errors into one plain line that names the path."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: {_reason(error)} Nothing was written.") from error


def _reason(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "the disk is full. Free some space or choose another place."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            "no right to write here, or another program holds it open."
            " Close it, or choose another place."
        )
    if error.errno == errno.EROFS:
        return "this disk is read-only. Choose another place."
    if error.errno == errno.ENOENT:
        return "its folder does not exist. Make it first, or choose another place."
    if error.errno == errno.ENAMETOOLONG:
        return "the name is too long for this disk. Choose a shorter one."
    return f"it cannot be written ({error.strerror or error})."


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
