"""Places the files of a step and writes its parameters for bash.

usage: place-files.py REQUEST-FILE PARAMS-FILE

The request is one JSON object:
  params  name (upper snake case) -> string, number, boolean or list of strings; becomes a bash variable or array
  files   list of {path, content, mode (octal text, default "0644")}; written whole or not at all, owned by root
  shared  optional: first 16 hex digits of the SHA-256 of shared.json beside this script, which holds params and files of all hosts of the pool
"""

import hashlib
import json
import os
import re
import shlex
import sys
import tempfile

# Parents of files that nobody but root may enter.
PRIVATE_PARENT_MODE = 0o700


def bash_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "(" + " ".join(shlex.quote(str(item)) for item in value) + ")"
    return shlex.quote(str(value))


def replace(path, content, mode):
    """Leaves an equal file alone, so that its time of change means something."""
    try:
        with open(path, "rb") as existing:
            if existing.read() == content:
                os.chmod(path, mode)
                return False
    except FileNotFoundError:
        parent_mode = 0o755 if mode & 0o004 else PRIVATE_PARENT_MODE
        os.makedirs(os.path.dirname(path), mode=parent_mode, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".placing-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
        sync_directory(os.path.dirname(path))
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return True


def sync_directory(path):
    """A new name is on the disk once its directory is."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def with_shared(request):
    """The request with what came in the archive; what the request says itself goes before."""
    wanted = request.get("shared")
    if wanted is None:
        return request
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "shared.json"), "rb") as source:
        content = source.read()
    found = hashlib.sha256(content).hexdigest()[:16]
    if found != wanted:
        sys.exit(f"shared.json: is {found}, must be {wanted}: another run has copied its archive to this host since; run again")
    shared = json.loads(content)
    own = {entry["path"] for entry in request["files"]}
    return {
        "params": {**shared["params"], **request["params"]},
        "files": [entry for entry in shared["files"] if entry["path"] not in own] + request["files"],
    }


def main(request_path, params_path):
    with open(request_path, encoding="utf-8") as source:
        request = with_shared(json.load(source))
    lines = []
    for name, value in request.get("params", {}).items():
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            sys.exit(f"parameter {name!r}: names are upper snake case")
        lines.append(f"{name}={bash_value(value)}\n")
    replace(params_path, "".join(lines).encode(), 0o600)
    for entry in request.get("files", []):
        path = entry["path"]
        if not os.path.isabs(path) or os.path.normpath(path) != path:
            sys.exit(f"file {path!r}: must be an absolute, normal path")
        if replace(path, entry["content"].encode(), int(entry.get("mode", "0644"), 8)):
            print(f"placed {path}")


main(sys.argv[1], sys.argv[2])
