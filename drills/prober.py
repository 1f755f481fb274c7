"""A client of the API at one place of the cluster: what it writes down tells when the API served it, and when not.

usage: prober.py DIRECTORY

Runs until there is a file `stop` in its directory, an hour at most. There it finds target.json:
  name, port   of the API, as its certificate has them
  resolve      "always": the name is resolved anew for every connection, as a client does that reads /etc/hosts; "once": at the start, since a
               name server that is gone is no fault of the API's; an address: that is dialled and the name not looked up
  ca, token    PEM text; bearer token
  path         of an object that is served from an apiserver's memory, so that no answer measures etcd
  everyMs      between the starts of new connections, each with TLS of its own, whether or not the last has ended
  limitMs      that one may take, from the start to the last byte of the answer
  watches      how many watches it holds on the object, a connection each
  pulseMs      between writes to the object, of which every watch is told; 0: it writes nothing
  ledger       path of another object, which nobody watches: as long as it writes, an entry of its own each second, so that it can be told afterwards
               whether one that was acknowledged is lost

and writes `log`, a JSON array a line, times in seconds since the epoch:
  ["try", start, end, error, who, late]      who: start of the SHA-256 of the certificate that answered; late: seconds after its due time
  ["pulse", start, end, error]
  ["entry", start, end, error, key]          of the ledger
  ["open", watch, at, who]                   a watch begins
  ["silence", watch, from, to]               it was told nothing for half a second and more, over its connections
  ["cut", watch, at, how]                    eof, ended (in good order), reset, error (an event of that type), timeout (45 s)
  ["refused", watch, at, error]              it could not begin again
"""

import asyncio
import concurrent.futures
import hashlib
import json
import os
import socket
import ssl
import sys
import time

directory = sys.argv[1]
with open(os.path.join(directory, "target.json"), encoding="utf8") as file:
    target = json.load(file)
context = ssl.create_default_context(cadata=target["ca"])
limit = target["limitMs"] / 1000
# Kubernetes' own clients ask on a connection that has told them nothing for 30 s, and wait 15 s for the answer.
idle, patience = 30, 15
# Shorter silences are not told.
silence = 0.5
now = time.time


class Failure(Exception):
    """What became of a request that was not served, and how far it came."""


class Connection:
    """A connection with TLS of its own; `stage` tells how far it came."""

    def __init__(self):
        self.stage = "resolve"
        self.who = ""

    async def open(self):
        address = await resolve()
        self.stage = "connect"
        dialled = socket.socket()
        dialled.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(dialled, (address, target["port"]))
        except BaseException:
            dialled.close()
            raise
        self.stage = "tls"
        # From here on the socket is asyncio's, which closes it when this fails: closed here as well, its number would be another's too early.
        self.reader, self.writer = await asyncio.open_connection(
            sock=dialled, ssl=context, server_hostname=target["name"]
        )
        connection = self.writer.get_extra_info("ssl_object")
        if connection is None:
            raise Failure("eof")
        certificate = connection.getpeercert(True)
        self.who = hashlib.sha256(certificate).hexdigest()[:8]
        self.stage = "answer"

    async def ask(self, method, path, body=b"", content="application/json"):
        """Sends a request and returns the status of its answer, after the header."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {target['name']}\r\nAuthorization: Bearer {target['token']}\r\n"
            f"Accept: application/json\r\nUser-Agent: drill\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        )
        if body:
            head += f"Content-Type: {content}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        status = await self.reader.readline()
        if not status:
            raise Failure("eof")
        while (await self.reader.readline()).strip():
            pass
        return int(status.split()[1])

    def close(self):
        if hasattr(self, "writer"):
            self.writer.transport.abort()


resolved = []


async def resolve():
    if target["resolve"] not in ("always", "once"):
        return target["resolve"]
    if target["resolve"] == "once" and resolved:
        return resolved[0]
    found = await asyncio.get_running_loop().getaddrinfo(
        target["name"], target["port"], family=socket.AF_INET, type=socket.SOCK_STREAM
    )
    resolved[:] = [found[0][4][0]]
    return resolved[0]


def told(connection, error):
    """An error in a few words, with the stage it came at."""
    if isinstance(error, TimeoutError) and not getattr(error, "errno", None):
        return f"{connection.stage}: timeout"
    if isinstance(error, ConnectionRefusedError):
        return f"{connection.stage}: refused"
    if isinstance(error, ConnectionResetError):
        return f"{connection.stage}: reset"
    return f"{connection.stage}: {str(error) or type(error).__name__}"[:120]


async def served(connection, *request):
    """One request on a connection of its own, to the last byte of its answer. Returns what went wrong."""
    try:
        async with asyncio.timeout(limit):
            await connection.open()
            status = await connection.ask(*request)
            body = await connection.reader.read()
            return "" if status == 200 else f"answer: {status} {body[:100]!r}"
    # Whatever it was: an attempt that is not written down would be a failure that nobody sees.
    except Exception as error:
        return told(connection, error)
    finally:
        connection.close()


async def attempt(log, late):
    start, connection = now(), Connection()
    error = await served(connection, "GET", target["path"] + "?resourceVersion=0")
    log("try", start, now(), error, connection.who, late)


async def write(path, data):
    """Writes to an object. Returns when it began, when it ended, and what went wrong."""
    start = now()
    body = json.dumps({"data": data}).encode()
    error = await served(Connection(), "PATCH", path, body, "application/merge-patch+json")
    return start, now(), error


async def pulse(log, _):
    log("pulse", *await write(target["path"], {"at": f"{now():.3f}"}))


async def entry(log, _):
    key = f"{now():.3f}"
    log("entry", *await write(target["ledger"], {key: ""}), key)


async def watch(log, number):
    """Holds a watch, and begins it again when it is cut, as clients do."""
    parent, name = target["path"].rsplit("/", 1)
    path = f"{parent}?watch=1&timeoutSeconds=3600&fieldSelector=metadata.name%3D{name}"
    heard = now()

    def hear():
        nonlocal heard
        before, heard = heard, now()
        if heard - before > silence:
            log("silence", number, before, heard)

    try:
        while True:
            connection = Connection()
            try:
                async with asyncio.timeout(limit):
                    await connection.open()
                    status = await connection.ask("GET", path)
                    if status != 200:
                        raise Failure(str(status))
                hear()
                log("open", number, heard, connection.who)
            except Exception as error:
                log("refused", number, now(), told(connection, error))
                connection.close()
                await asyncio.sleep(0.25)
                continue
            how = await followed(connection, hear)
            log("cut", number, now(), how)
            connection.close()
    finally:
        hear()


async def followed(connection, hear):
    """Listens to a watch until it ends. Returns what ended it."""
    end = b""
    try:
        while True:
            try:
                async with asyncio.timeout(idle):
                    data = await connection.reader.read(65536)
            except TimeoutError:
                # An empty line means nothing to a server; a host that does not know the connection answers with RST.
                connection.writer.write(b"\r\n")
                async with asyncio.timeout(patience):
                    data = await connection.reader.read(65536)
            if not data:
                return "ended" if end.endswith(b"0\r\n\r\n") else "eof"
            hear()
            if b'"type":"ERROR"' in data:
                return "error"
            end = (end + data)[-5:]
    except TimeoutError:
        return "timeout"
    except Exception as error:
        return "reset" if isinstance(error, ConnectionResetError) else (str(error) or type(error).__name__)[:120]


async def every(seconds, start, tasks, stop):
    """Starts something at equal times, whether or not the last has ended. Times that a busy machine made it miss are left out."""
    due = time.monotonic()
    while not stop():
        late = time.monotonic() - due
        task = asyncio.create_task(start(round(late, 4)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        due = max(due + seconds, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


async def main():
    # A name server that is gone holds each of them for seconds.
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(64))
    deadline = now() + 3600

    def stop():
        return now() > deadline or os.path.exists(os.path.join(directory, "stop"))

    with open(os.path.join(directory, "log"), "w", encoding="utf8", buffering=1) as file:

        def log(*record):
            rounded = [round(each, 4) if isinstance(each, float) else each for each in record]
            print(json.dumps(rounded), file=file)

        tasks = set()
        watches = [asyncio.create_task(watch(log, number)) for number in range(target["watches"])]
        starts = [every(target["everyMs"] / 1000, lambda late: attempt(log, late), tasks, stop)]
        if target["pulseMs"]:
            starts.append(every(target["pulseMs"] / 1000, lambda late: pulse(log, late), tasks, stop))
        if target["pulseMs"] and "ledger" in target:
            starts.append(every(1, lambda late: entry(log, late), tasks, stop))
        await asyncio.gather(*starts)
        await asyncio.gather(*tasks)
        for each in watches:
            each.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


asyncio.run(main())
