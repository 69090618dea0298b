"""Servers that tests start on this machine, and stop again: PostgreSQL, and a Spark Connect server (pysail)."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import missing

USER = "analyst"
PASSWORD = "a word of one test run"  # noqa: S105  # of a server that lives for one test run


def _tool(name: str) -> str:
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
    if found is None:
        missing(f"{name} is not installed: .ci/install-postgres installs it")
    return found


def free_port() -> int:
    """A port of the loopback address on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server with an empty database; gives its address without the password, as SQLAlchemy reads it."""
    own = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        word = folder / "word"
        word.write_text(PASSWORD)
        if own:  # the server refuses to run as root
            for path in (folder, word):
                shutil.chown(path, "postgres", "postgres")
        made = [
            "-D",
            f"{folder}/data",
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={word}",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        command = [*own, _tool("initdb"), *made, "--locale=C.UTF-8"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)  # noqa: S603  # a tool found above
        port = free_port()
        options = ["-h", "127.0.0.1", "-p", str(port), "-k", name, "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            command = [*own, _tool("postgres"), "-D", f"{folder}/data", *options]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)  # noqa: S603  # a tool found above
            try:
                _wait(process, port)
                yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"
            finally:
                process.send_signal(signal.SIGINT)  # ends its sessions too
                process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    asked = [_tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "20"]
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError("the server has stopped")
        if subprocess.run(asked, check=False).returncode == 0:  # noqa: S603  # a tool found above
            return
    raise RuntimeError("the server does not answer")


@contextmanager
def spark_connect() -> Iterator[str]:
    """A Spark Connect server without a JVM (pysail); gives its address."""
    from pysail.spark import SparkConnectServer  # noqa: PLC0415  # takes long, and few tests need it

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        _, port = server.listening_address
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.stop()
