"""Runs tccli commands in one process, since each start of it takes a second: a JSON list of arguments a line in, its answer a line out."""
import io
import json
import sys
from unittest.mock import MagicMock

from tencentcloud.common.profile.http_profile import HttpProfile

# tccli has no option for plain HTTP, which is what a proxy can see; its SDK has.
HttpProfile.__init__.__defaults__ = ("http",) + HttpProfile.__init__.__defaults__[1:]

# Only tccli's `cos` commands need it; it is not installed.
sys.modules["qcloud_cos"] = MagicMock()

lines, answers = sys.stdin, sys.stdout
from tccli.command import CLICommand  # noqa: E402  (replaces the standard streams)



class Captured(io.BytesIO):
    """tccli wraps the buffer of standard output anew; what it leaves behind must not close it."""

    def close(self):
        pass


for line in lines:
    sys.argv = ["tccli"] + json.loads(line)
    captured = Captured()
    sys.stdout = io.TextIOWrapper(captured, "utf-8")
    try:
        CLICommand()()
        sys.stdout.flush()
        answer = {"ok": json.loads(captured.getvalue())}
    except Exception as error:  # the code of the cloud's error, or what tccli itself says
        answer = {"error": getattr(error, "code", None) or str(error)}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
