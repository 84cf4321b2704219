"""The status page through an edge: only where the operator says so, and never what one visitor saw to another.

Through the files that we ship, and through caches that keep whatever they may, for everybody alike.
"""

import contextlib
import re
from urllib.parse import urlencode

import pytest

from tests.cdn.edges import EDGES, ORIGIN_SECRET, origin, running
from tests.needs import need
from tests.worker import Worker, await_, free_port

KEY = "a-key-of-the-tests"
PRIVATE = ("/status", "/status/live.json", "/status.json", "/metrics")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

NGINX = """
daemon off; pid {home}/pid; error_log {home}/error.log; worker_processes 1; user root;
events {{ }}
http {{
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  access_log off;
  proxy_cache_path {home}/cache keys_zone=all:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_cache all; proxy_cache_key $uri; proxy_cache_valid any 10m;
      add_header X-Cache $upstream_cache_status;
    }}
  }}
}}
"""
VARNISH = """
vcl 4.1;
backend worker {{ .host = "127.0.0.1"; .port = "{behind}"; }}
sub vcl_recv {{ if (req.method == "GET") {{ return (hash); }} }}
sub vcl_hash {{ hash_data(req.url); return (lookup); }}
sub vcl_deliver {{ if (obj.hits > 0) {{ set resp.http.X-Cache = "HIT"; }} }}
"""


def greedy_nginx(home, behind, port):
    """Return the command of an nginx that keeps what it may, by its path alone."""
    need("nginx")
    (home / "nginx.conf").write_text(NGINX.format(home=home, port=port, behind=behind))
    return ["nginx", "-p", str(home), "-c", str(home / "nginx.conf")]


def greedy_varnish(home, behind, port):
    """Return the command of a Varnish that looks everything up, whoever asks."""
    need("varnishd")
    (home / "all.vcl").write_text(VARNISH.format(behind=behind))
    return [
        "varnishd", "-F", "-j", "none", "-n", str(home / "run"), "-a", f"127.0.0.1:{port}", "-s", "malloc,8m",
        "-f", str(home / "all.vcl"),
    ]  # fmt: skip


@pytest.fixture(scope="module", params=[greedy_nginx, greedy_varnish], ids=lambda make: make.__name__)
def greedy(request, tmp_path_factory):
    """Yield a worker as it is seen through a cache that asks nobody."""
    folder, port = tmp_path_factory.mktemp("greedy"), free_port()
    home = folder / "cache-server"
    home.mkdir()
    with origin(folder, status_key=KEY) as worker:
        command = request.param(home, worker.address[1], port)
        with running(command, ("127.0.0.1", port), home / "log"):
            yield Worker(worker.process, ("127.0.0.1", port), worker.log)


@pytest.fixture(scope="module", params=sorted(EDGES))
def passing(request, tmp_path_factory):
    """Yield an edge whose operator lets the status page pass."""
    folder = tmp_path_factory.mktemp(request.param)
    with origin(folder, status_key=KEY) as worker, EDGES[request.param](folder, worker, status=True) as outside:
        await_(lambda: outside.get("/counter.json")[0] == 200)
        yield outside


def ask(edge, path, method="GET", body=None, **headers):
    """Return status, headers and body of a request."""
    with contextlib.closing(edge.connect()) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()


def enter(edge):
    """Return the cookie that the key was exchanged for."""
    host = {"Host": "sms.example.org"}
    _, headers, _ = ask(edge, "/status", "POST", urlencode({"do": "enter", "key": KEY}), **FORM | host)
    return headers.get("Set-Cookie", headers.get("set-cookie", "")).partition(";")[0]


@pytest.mark.parametrize("path", PRIVATE)
def test_no_cache_shows_it_to_another_visitor(greedy, path):
    """Whoever has the key sees it, each time from the worker; whoever comes before or after without it sees nothing of it."""
    entered = enter(greedy)
    mine = {"Authorization": f"Bearer {KEY}"} if path in {"/status.json", "/metrics"} else {"Cookie": entered}
    stranger, first, other, second = (ask(greedy, path, **headers) for headers in ({}, mine, {}, mine))

    assert [403, 200, 403, 200] == [stranger[0], first[0], other[0], second[0]]
    assert "HIT" not in {answer[1].get("X-Cache") for answer in (stranger, first, other, second)}
    assert [] == [word for word in ("€", "kitty_left", "2,000") if word in stranger[2] + other[2]]


def test_what_may_be_kept_is_kept(greedy):
    """The counter, which is everybody's: or the test above would show nothing."""
    answers = [ask(greedy, "/counter.json", X_Origin_Secret=ORIGIN_SECRET) for _ in range(3)]

    assert "HIT" == answers[-1][1].get("X-Cache")


def test_the_page_passes_where_the_operator_says_so(passing):
    """The key is exchanged at it, the page and its news come through, and its button works; nobody else sees it."""
    host = {"Host": "sms.example.org"}
    cookie = {"Cookie": enter(passing)} | host
    page = ask(passing, "/status", **cookie)
    token = re.search(r'name="token" value="(\w+)"', page[2])[1]
    silence = urlencode({"do": "silence", "token": token})
    pressed = ask(passing, "/status", "POST", silence, **FORM | cookie | {"Origin": "https://sms.example.org"})
    foreign = ask(passing, "/status", "POST", silence, **FORM | cookie | {"Origin": "https://evil.example"})

    assert (200, 200) == (page[0], ask(passing, "/status/live.json", **cookie)[0])
    assert (303, 403) == (pressed[0], foreign[0])
    assert "Silence until" in ask(passing, "/status", **cookie)[2]
    assert 303 == ask(passing, "/status?language=fr", **cookie)[0]
    assert [403, 403] == [ask(passing, path, **host)[0] for path in ("/status", "/status/live.json")]


@pytest.mark.parametrize("path", ["/status.json", "/metrics", "/status/", "/status/x", "/status?x=y&language=fr&z"])
def test_nothing_else_passes_with_it(passing, path):
    """What programs ask for stays inside; of the page only what there is."""
    found = ask(passing, path, Authorization=f"Bearer {KEY}")[0]

    assert found == 404 or (path.startswith("/status?") and found in {200, 303})
