#!/usr/bin/python3
"""Stands for what public images do at their first boot, apt-daily and unattended-upgrades: holds the lock of apt's lists until a package run of somebody
else has found it taken, and a second longer."""
import ctypes
import fcntl
import os
import select
import time

LOCK = b"/var/lib/apt/lists/lock"
IN_OPEN = 0x20
SECONDS = 3600


def main() -> None:
    held = open(LOCK, "w")
    fcntl.lockf(held, fcntl.LOCK_EX)
    libc = ctypes.CDLL(None, use_errno=True)
    opened = libc.inotify_init()
    if opened < 0 or libc.inotify_add_watch(opened, LOCK, IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if select.select([opened], [], [], SECONDS)[0]:
        time.sleep(1)


if __name__ == "__main__":
    main()
