"""A PostgreSQL cluster of the tests' own: made where PostgreSQL is installed, on a Unix socket alone, gone afterwards.

One per test process, so that xdist workers do not meet. A test that wants a database takes the fixture `postgres_url`, which is
empty, or is parametrised with `engines()`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

_SUPERUSER = "till"
_names = count(1)


@lru_cache
def binaries() -> Path | None:
    """Where `initdb` and `pg_ctl` are: the newest version that Debian installed, or the one on the PATH."""
    if os.name == "nt":
        return None
    debian = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def engines() -> list[str]:
    """What to parametrise with."""
    return ["sqlite", "postgresql"] if binaries() else ["sqlite"]


def report() -> str:
    """For pytest's header."""
    found = binaries()
    return f"postgresql: {found}" if found else "postgresql: not installed; the ledger's tests run on SQLite alone"


class Cluster:
    """A running cluster that makes databases; it can be stopped in the middle of anything, and started again."""

    def __init__(self, socket: Path, options: str) -> None:
        self.socket, self._options = socket, options

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        log = str(self.socket / "log")
        _run("pg_ctl", "-D", str(self.socket / "data"), "-l", log, "-w", "-o", self._options, "start")

    def stop(self) -> None:
        """At once: what it does is torn off, as by a machine that lost its power but not its disk's cache."""
        _run("pg_ctl", "-D", str(self.socket / "data"), "-w", "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        """As SQLAlchemy writes it."""
        return f"postgresql+psycopg://{_SUPERUSER}@/{database}?host={self.socket}"

    def execute(self, statement: str) -> None:
        """Outside of any database of a test."""
        connection = psycopg.connect(host=str(self.socket), user=_SUPERUSER, dbname="postgres", autocommit=True)
        with connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The url of a new database: empty, or a copy of another one that nobody is connected to."""
        name = f"books{next(_names)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_cluster(*, is_durable: bool = False) -> Iterator[Cluster]:
    """Make a cluster, start it, and remove it. PostgreSQL refuses to run as root: then it runs as `postgres`.

    Without `is_durable` it never waits for the disk: making and dropping a database for each test is all it would wait for.
    """
    home = Path(tempfile.mkdtemp(prefix="till-pg-"))  # short: a socket's path has at most 107 bytes
    try:
        if _is_root():
            shutil.chown(home, "postgres", "postgres")
        data = home / "data"
        _run("initdb", "-D", str(data), "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        fsync = "on" if is_durable else "off"
        options = f"-k {home} -c listen_addresses= -c max_connections=50 -c fsync={fsync}"
        cluster = Cluster(home, options)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One for the whole session of this process."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """An empty database."""
    with postgres_cluster.database() as url:
        yield url


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _run(program: str, *arguments: str) -> None:
    folder = binaries()
    assert folder is not None
    become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if _is_root() else []
    done = subprocess.run(
        [*become, str(folder / program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, f"{program}: {done.stdout}"
