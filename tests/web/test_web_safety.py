"""Who may speak with the server, and what it tells and keeps."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest
from serving import BYTES, SIX, SOON, Client, client_of, command, limited, started, wait_until
from starlette.staticfiles import StaticFiles

from bactrian.web import application as served
from bactrian.web.application import application
from bactrian.web.guard import LOCAL, Access
from bactrian.web.server import url_of
from bactrian.web.shelf import Shelf

SECURE = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def test_every_answer_has_the_headers(client):
    for path in ("about", "nothing", "datasets/none", "../../", "openapi.json"):
        answer = client.get(path)
        for name, value in SECURE.items():
            assert answer.headers[name] == value, path
    assert client.get("about").headers["cache-control"] == "no-store"
    assert "server" not in client.get("about").headers
    assert not [name for name in client.get("about").headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:1234", 200),
        ("127.0.0.1:9", 200),
        ("[::1]:8642", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:8642", 403),
        ("", 403),
        ("[::1", 403),
    ],
)
def test_only_names_of_this_machine_are_answered(client, host, status):
    for path in ("about", "../../"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code == 403) == (status == 403), path
    if status == 403:
        problem = client.get("about", headers={"Host": host}).json()
        assert problem["code"] == "forbidden"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "own"}, True),
        ({"Origin": "own", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://localhost:1"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": ""}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
    ids=str,
)
def test_only_the_own_page_may_ask(client, headers, allowed):
    own = f"http://{urlsplit(str(client.base_url)).netloc}"
    sent = {name: own if value == "own" else value for name, value in headers.items()}
    answer = client.post("datasets", json=SIX, headers=sent)
    assert answer.status_code == (201 if allowed else 403)


@pytest.mark.parametrize("path", ["datasets", "fits", "searches", "fits/x/sample"])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_of_another_site_can_send_is_refused(client, path, kind):
    answer = client.post(path, content=b"{}", headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"dataset": "aaaaaaaaaaaaaaaa", "else": 1}', 422, "invalid"),
        (b'{"dataset": "aaaaaaaaaaaaaaaa", "settings": {"tol": "x"}}', 422, "invalid"),
        (b'{"dataset": "aaaaaaaaaaaaaaaa", "settings": {"tol": NaN}}', 422, "invalid"),
        (b'{"dataset": "aaaaaaaaaaaaaaaa"}', 404, "not_found"),
        (b'{"dataset": "../../../etc/passwd"}', 422, "invalid"),
    ],
)
def test_content_that_is_no_request_is_refused(client, content, status, code):
    answer = client.post("fits", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_wrong_type_names_its_input(client):
    for field in ("max_iter", "n_init"):
        body = {"dataset": "a" * 16, "settings": {field: "many"}}
        problem = client.post("fits", json=body).json()
        assert problem["field"] == field
        assert problem["message"].startswith(f"settings.{field}: Input should be a valid integer")
        assert "'many'" in problem["got"]


@pytest.mark.parametrize(
    "path",
    ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fschema.py",
     "/api/v1/datasets/..%2f..", "/api/v1/fits/%2e%2e/model", "//etc/passwd", "/schema.py"],
)  # fmt: skip
def test_no_path_leads_out(url, path):
    """Sent as it is, without the client's tidying."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port)) as one:
        one.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while piece := one.recv(65536):
            answer += piece
    assert int(answer.split()[1]) in (403, 404)
    assert b"root:" not in answer
    assert b"pydantic" not in answer


def test_what_is_too_large_is_refused_and_removed(tmp_path):
    capacity = {"upload_bytes": 1000, "table_bytes": 1000, "request_bytes": 500}
    with started(limited(**capacity), tmp_path) as (_, url), client_of(url) as client:
        answers = [
            client.post("datasets", content=b"1\n" * 600, headers=BYTES),
            client.post("datasets", json={**SIX, "name": "n" * 900}),
            client.post("fits", json={"dataset": "a" * 16, "columns": ["c" * 600]}),
            client.post("datasets", content=iter([b"1\n" * 300] * 3), headers=BYTES),  # no length
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert not list(tmp_path.glob("bactrian-*/*/*"))
        assert client.post("datasets", content=b"1\n" * 400, headers=BYTES).status_code == 201


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path):
    with started(command("--port", 0), tmp_path) as (_, url):
        where = urlsplit(url)
        with socket.create_connection((where.hostname, where.port)) as one:
            one.sendall(
                b"POST /api/v1/datasets?name=a.csv HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n1,2\n"
            )
            wait_until(lambda: list(tmp_path.glob("bactrian-*/incoming/*")), 5)
        wait_until(lambda: not list(tmp_path.glob("bactrian-*/incoming/*")), 5)
        assert not list(tmp_path.glob("bactrian-*/datasets/*"))


def test_refused_data_leave_nothing_and_nothing_is_logged(tmp_path):
    with started(command("--port", 0), tmp_path) as (process, url):
        with client_of(url) as client:
            for content in (b"a,secret-word\n1,x\n2,secret-cell\n", b"a\nsecret-cell\n"):
                client.post("datasets", params={"name": "s"}, content=content, headers=BYTES)
            data = client.file(b"secret-name\n1\n2\n4\n", "secret-file.csv")
            client.fit(data, n_components=3)
            nine = {"dataset": data["id"], "settings": {"n_components": 9}}
            assert client.post("fits", json=nine).status_code == 422
            assert not list(tmp_path.glob("bactrian-*/incoming/*"))
            assert len(list(tmp_path.glob("bactrian-*/datasets/*"))) == 2
        process.terminate()
        out, err = process.communicate(timeout=SOON)
    assert "secret" not in out + err


# ---- from beyond this machine


@pytest.mark.parametrize(
    ("host", "address", "hosts", "local"),
    [
        ("127.0.0.1", "127.0.0.1", ("127.0.0.1",), True),
        ("127.8.9.1", "127.8.9.1", ("127.8.9.1",), True),
        ("LocalHost", "127.0.0.1", ("localhost",), True),
        ("::1", "::1", ("::1",), True),
        ("localhost", "192.168.1.5", ("localhost",), False),  # as the system has it
        ("MyHost", "192.168.1.5", ("myhost",), False),
        ("fe80::1%eth0", "fe80::1%eth0", ("fe80::1%eth0",), False),
        ("0.0.0.0", "0.0.0.0", (), False),
        ("0", "0.0.0.0", (), False),
        ("", "0.0.0.0", (), False),
        ("0:0::0", "::", (), False),
    ],
)
def test_only_this_machine_needs_no_token(host, address, hosts, local):
    """The socket tells who can reach it, however its host was spelled."""
    access = Access.at(host, address, 1)
    assert access.hosts == ((*LOCAL, *hosts) if hosts else ())
    assert (access.token == "") == local
    assert local or len(access.token) > 40
    assert local or access.token != Access.at(host, address, 1).token
    shown = url_of(host, 1, access)
    assert ("token=" in shown) != local
    assert urlsplit(shown).hostname


@pytest.fixture(scope="module")
def open_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open")
    with started(command("--host", "0.0.0.0", "--port", 0), folder) as (_, url):
        yield url


@pytest.fixture
def anyone(open_url):
    port = urlsplit(open_url).port
    with Client(base_url=f"http://127.0.0.1:{port}/api/v1/") as client:
        yield client


def test_without_the_token_there_is_nothing(anyone):
    for path in ("about", "examples", "openapi.json", "nothing"):
        problem = anyone.get(path)
        assert (problem.status_code, problem.json()["field"]) == (403, "token")
    assert anyone.get("../../").status_code == 403
    for token in ("", "wrong", "Ä" * 43):
        sent = {"Authorization": f"Bearer {token}".strip().encode("latin-1")}
        assert anyone.get("about", headers=sent).status_code == 403
        assert anyone.get("../../", params={"token": token}).status_code == 403
    assert "set-cookie" not in anyone.get("../../", params={"token": "wrong"}).headers


def test_the_printed_address_becomes_a_cookie(open_url, anyone):
    token = httpx.URL(open_url).params["token"]
    answer = anyone.get("../../", params={"token": token, "k": "3"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?k=3")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert anyone.get("about").status_code == 200  # the client keeps cookies
    assert anyone.get("about", headers={"Origin": "https://evil.example"}).status_code == 403


def test_the_token_leads_to_no_other_host(open_url, anyone):
    token = httpx.URL(open_url).params["token"]
    port = urlsplit(open_url).port
    with socket.create_connection(("127.0.0.1", port)) as one:
        one.sendall(f"GET //evil.example/?token={token} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        head = one.recv(65536).decode().lower()
    assert "location: /evil.example/\r\n" in head


def test_the_token_may_be_sent_as_bearer(open_url, anyone):
    token = httpx.URL(open_url).params["token"]
    sent = {"Authorization": f"Bearer {token}"}
    assert anyone.get("about", headers=sent).status_code == 200
    assert anyone.get("about", params={"token": token}).status_code == 403  # not in addresses


# ---- the page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A server of a page of two files."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "assets" / "main-1a2b.js").write_text("let a;")
    served = tmp_path_factory.mktemp("served")
    with started(limited(folder), served) as (_, url), Client(base_url=url) as client:
        yield client


def test_the_page_is_served_and_its_hashed_files_are_kept(page):
    answer = page.get("/")
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    script = page.get("/assets/main-1a2b.js")
    assert "immutable" in script.headers["cache-control"]
    assert "javascript" in script.headers["content-type"]
    assert page.get("/nothing").status_code == 404
    assert page.get("/assets").status_code == 404
    assert page.post("/").status_code == 405


def test_a_package_without_the_page_says_so(tmp_path):
    empty = tmp_path / "empty"
    with started(limited(empty), tmp_path) as (_, url), Client(base_url=url) as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "make page" in answer.text
        assert client.get("/api/v1/about").status_code == 200


def test_what_breaks_is_a_problem_and_tells_nothing_of_the_data(monkeypatch, capsys, tmp_path):
    (tmp_path / "index.html").write_text("page")
    monkeypatch.setattr(served, "PAGE", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(Shelf, "get", broken)
    monkeypatch.setattr(StaticFiles, "get_response", broken)
    app = application()

    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    for path in ("/api/v1/datasets/abcdefgh", "/index.html"):
        answer = asyncio.run(ask(path))
        assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
        for name, value in SECURE.items():
            assert answer.headers[name] == value, path
        assert answer.headers["cache-control"] == "no-store"
    told = capsys.readouterr().err
    assert "RuntimeError in broken" in told
    assert "secret" not in told


@pytest.mark.slow
def test_a_large_file_does_not_choke_the_server(url, client):
    """200 MB, while others are answered."""
    piece = b"-1.25348721,2.503984\n" * 100_000
    done, waits = threading.Event(), []

    def ask() -> None:
        with client_of(url) as other:
            while not done.is_set():
                began = time.monotonic()
                assert other.get("about").status_code == 200
                waits.append(time.monotonic() - began)
                time.sleep(0.02)

    asking = threading.Thread(target=ask)
    asking.start()
    pieces = (piece for _ in range(100))
    answer = client.post("datasets", params={"name": "b.csv"}, content=pieces, headers=BYTES)
    done.set()
    asking.join()
    assert answer.json()["n_rows"] == 10_000_000
    assert max(waits) < 1.0
