"""Facts about the files that people deploy with: each is read by what will read it, or checked against its schema."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from edge.configfile import parse
from edge.core.seen.sightings import TABLE_BYTES
from edge.ledger.opening import Place
from edge.meaning.findings import examine
from edge.setup import state_of
from edge.web.listening import HEADER_READ_TIMEOUT_MS
from tests import ROOT
from tests.needs import need

DEPLOY = ROOT / "deploy"
ETC = Path("/etc/antirelou")
NOW_MS = 1_790_000_000_000


@pytest.fixture(scope="module")
def manifests():
    """Return the Kubernetes objects by kind."""
    objects = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    by_kind = {found["kind"]: found for found in objects}
    assert len(objects) == len(by_kind)
    return by_kind


@pytest.fixture(scope="module")
def compose():
    """Return the compose file."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def run(*command, cwd=ROOT):
    """Run a command and return what it printed; it must succeed."""
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ledger_in(path):
    """Return the ledger of the static file that a shipped file is for, as its head shows it."""
    [url] = set(re.findall(r'\[ledger\] url = "([^"]+)"', path.read_text()))
    return url


def state_folder(ledger):
    """Return the folder of server.state where the file says nothing of it, and the ledger is there."""
    config = parse((ROOT / "edge.toml").read_text())
    return str(state_of(config, ETC, Place(ledger, ETC, config.number.phone)))


def test_the_kubernetes_manifest_holds_together(manifests):
    """All objects are in the namespace, and service, budget, ingress and probes point at what is there."""
    namespace = manifests["Namespace"]["metadata"]["name"]
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    [worker] = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    [port] = worker["ports"]
    [rule] = manifests["Ingress"]["spec"]["rules"]

    assert {namespace} == {m["metadata"]["namespace"] for kind, m in manifests.items() if kind != "Namespace"}
    assert labels == manifests["Service"]["spec"]["selector"]
    assert labels == manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
    assert labels == manifests["Deployment"]["spec"]["selector"]["matchLabels"]
    assert port["name"] == manifests["Service"]["spec"]["ports"][0]["targetPort"]
    assert {"antirelou"} == {path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert {"http"} == {worker[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")}


def test_kubernetes_keeps_one_worker_up_and_asks_it_how_it_is(manifests):
    """Two replicas, one always available, memory limited; no probe asks for the ledger, without which there is silence."""
    [worker] = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]

    assert 2 == manifests["Deployment"]["spec"]["replicas"]
    assert 1 == manifests["PodDisruptionBudget"]["spec"]["minAvailable"]
    assert "/healthz" == worker["livenessProbe"]["httpGet"]["path"]
    assert "/healthz" == worker["readinessProbe"]["httpGet"]["path"]
    assert "256Mi" == worker["resources"]["limits"]["memory"]


def test_kubernetes_gives_the_worker_no_privilege(manifests):
    """Not root, nothing to escalate, a root that it cannot write, no token of the cluster."""
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    [worker] = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    } == worker["securityContext"]


def test_kubernetes_lets_in_the_webhook_the_counter_and_the_button_only(manifests):
    """The ingress names exact paths: status, metrics and health are not among them."""
    [rule] = manifests["Ingress"]["spec"]["rules"]

    assert {
        ("/sms", "Exact"),
        ("/", "Exact"),
        ("/counter.json", "Exact"),
        ("/silence", "Exact"),
        ("/detach", "Exact"),
    } == {(path["path"], path["pathType"]) for path in rule["http"]["paths"]}


def test_the_static_file_in_the_manifest_holds(manifests):
    """What Kubernetes would mount passes `antirelou check`."""
    config = parse(manifests["ConfigMap"]["data"]["edge.toml"])

    assert [] == examine(config, NOW_MS).errors
    assert "0.0.0.0:8000" == config.server.bind


def test_no_deployment_file_holds_a_secret(manifests, compose):
    """There is no Secret object, and every secret of compose comes from the environment of whoever starts it."""
    secrets = [value for service in compose["services"].values() for value in service.get("environment", {}).values()]

    assert "Secret" not in manifests
    assert all(value.startswith("${") for value in secrets)
    for path in [ROOT / "compose.yaml", ROOT / "Dockerfile", *DEPLOY.rglob("*")]:
        if path.is_file():
            assert re.search(r"(?i)(token|secret|password|key)\s*[=:]\s*['\"]?[0-9a-f]{16,}", path.read_text()) is None


def test_compose_starts_an_edge_two_workers_and_a_ledger(compose):
    """Varnish is all that is reached, and Caddy in front of it if asked for; both workers are alike and unprivileged, and the ledger forgets nothing."""
    services = compose["services"]

    assert {"edge", "https", "worker-1", "worker-2", "valkey"} == set(services)
    assert services["worker-1"] == services["worker-2"] | {"volumes": services["worker-1"]["volumes"]}
    assert ["edge", "https"] == [name for name, service in services.items() if "ports" in service]
    assert (["https"], ["outside"], "${UPSTREAM:-edge:8080}") == (
        services["https"]["profiles"], services["https"]["networks"], services["https"]["environment"]["UPSTREAM"],
    )  # fmt: skip
    assert services["worker-1"]["read_only"]
    assert ["ALL"] == services["worker-1"]["cap_drop"]
    assert compose["networks"]["inside"]["internal"]
    assert "--appendonly yes --appendfsync always" in " ".join(services["valkey"]["command"])
    assert "./etc:/etc/antirelou:ro" == services["worker-1"]["volumes"][0] == services["worker-2"]["volumes"][0]
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith("./deploy") or (ROOT / source).exists()


def test_kubernetes_provides_the_folder_of_the_state(manifests):
    """It can be written, by the worker's group, and is the pod's: what is in it is there when the container is restarted."""
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    [worker] = pod["containers"]
    config = parse(manifests["ConfigMap"]["data"]["edge.toml"])
    [mount] = [one for one in worker["volumeMounts"] if one["mountPath"] == state_folder(config.ledger.url)]
    [volume] = [one for one in pod["volumes"] if one["name"] == mount["name"]]

    assert not mount.get("readOnly")
    assert pod["securityContext"]["runAsGroup"] == pod["securityContext"]["fsGroup"]
    assert {"name": "state", "emptyDir": {"sizeLimit": "64Mi"}} == volume
    assert 64 * 2**20 > 2 * (2 * TABLE_BYTES)


def test_compose_provides_the_folder_of_the_state(compose):
    """Each worker has a volume of its own there, with a name, which `down` and `up` leave as it is."""
    folder = state_folder(ledger_in(ROOT / "compose.yaml"))
    workers = [service for name, service in compose["services"].items() if name.startswith("worker")]
    volumes = [mount.split(":") for worker in workers for mount in worker["volumes"] if folder in mount.split(":")]

    assert [["state-1", folder], ["state-2", folder]] == volumes
    assert {"state-1", "state-2"} <= set(compose["volumes"])


def test_fly_provides_the_folder_of_the_state():
    """On the volume, beside the ledger."""
    mounts = tomllib.loads((DEPLOY / "fly.toml").read_text())["mounts"]

    assert state_folder(ledger_in(DEPLOY / "fly.toml")) == mounts["destination"]


@pytest.mark.parametrize("ledger", ["sqlite:/var/lib/antirelou/antirelou.db", "valkey://valkey:6379/0"])
def test_systemd_provides_the_folder_of_the_state(ledger):
    """As its StateDirectory, which is the user's and may be written though the rest of the system may not."""
    text = (DEPLOY / "antirelou.service").read_text()
    [name] = re.findall(r"^StateDirectory=(.+)$", text, re.MULTILINE)

    assert "sqlite:/var/lib/antirelou/antirelou.db" == ledger_in(DEPLOY / "antirelou.service")
    assert state_folder(ledger) == f"/var/lib/{name}"


def test_the_container_that_is_shown_provides_the_folder_of_the_state():
    """Its volume has a name: the image's own, which has none, goes with the container."""
    [command] = re.findall(
        r"^docker run (?:.*\\\n)*.*", (ROOT / "docs" / "how-to" / "deploy.md").read_text(), re.MULTILINE
    )

    assert f"-v antirelou:{state_folder('valkey://valkey:6379/0')} " in command


def test_what_ends_is_started_again(compose):
    """A server whose machine has no memory left may be killed as a whole: each container that is shown has a restart policy."""
    commands = re.findall(r"^docker run .*", (ROOT / "docs" / "how-to" / "deploy.md").read_text(), re.MULTILINE)

    assert {"unless-stopped"} == {service["restart"] for service in compose["services"].values()}
    assert commands
    assert all("--restart unless-stopped" in command for command in commands)


def test_nothing_asks_for_the_ledger_before_it_lets_a_message_through():
    """A worker without its ledger answers silence; taken out of rotation for that, a provider gets an error and sends again."""
    shipped = [ROOT / "compose.yaml", ROOT / "Dockerfile", *(path for path in DEPLOY.rglob("*") if path.is_file())]
    lines = [line for path in shipped for line in path.read_text().splitlines()]
    asked = [line for line in lines if re.search(r"/(healthz|readyz)\b", line) and not line.lstrip().startswith("#")]

    assert [] == [line for line in asked if "/readyz" in line]
    assert 2 == sum('.request = "GET /healthz ' in line for line in asked), "Varnish, by hand and by compose"


def test_caddy_takes_the_shipped_file(tmp_path):
    """As it is, and formatted as Caddy does."""
    need("caddy")
    shipped = DEPLOY / "caddy" / "Caddyfile"
    environ = {**os.environ, "HOME": str(tmp_path), "ORIGIN_SECRET": "x"}
    done = subprocess.run(
        ["caddy", "validate", "--config", shipped, "--adapter", "caddyfile"],
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )

    assert (0, True) == (done.returncode, "Valid configuration" in done.stdout + done.stderr), done.stderr
    assert shipped.read_text() == run("caddy", "fmt", shipped)


@pytest.mark.parametrize("site", ["site.vcl", "site.compose.vcl"])
def test_varnish_compiles_the_shipped_files(site, tmp_path):
    """Both sets of workers compile with the shipped VCL; names are resolved when compose starts, not here."""
    need("varnishd")
    text = re.sub(r'\.host = "[^"]+"', '.host = "127.0.0.1"', (DEPLOY / "varnish" / site).read_text())
    (tmp_path / "site.vcl").write_text(text)
    # Not as a user of Varnish's own, who need not be let into our folders.
    run("varnishd", "-j", "none", "-C", "-p", f"vcl_path={tmp_path}", "-f", DEPLOY / "varnish" / "default.vcl")


def test_a_proxy_lets_go_of_a_connection_before_the_worker_does():
    """A message on a connection that the worker closes just then is lost; it closes what says nothing after 15 s."""
    kept_s = [
        int(re.search(pattern, (DEPLOY / file).read_text())[1])
        for file, pattern in (
            ("nginx/antirelou.conf", r"(?s)upstream antirelou \{.*?keepalive_timeout (\d+)s;"),
            ("varnish/params.cli", r"param\.set backend_idle_timeout (\d+)"),
            ("caddy/Caddyfile", r"\bkeepalive (\d+)s"),
        )
    ]

    assert all(1_000 * each < HEADER_READ_TIMEOUT_MS for each in kept_s), kept_s


def test_compose_and_varnish_name_the_same_workers(compose):
    """Every worker of compose is a backend of its Varnish."""
    text = (DEPLOY / "varnish" / "site.compose.vcl").read_text()

    assert {name for name in compose["services"] if name.startswith("worker")} == set(
        re.findall(r'\.host = "([^"]+)"', text)
    )


def test_the_fly_file_keeps_one_machine_awake():
    """It is TOML, its paths exist, the ledger has a volume, and nobody puts the number to sleep."""
    fly = tomllib.loads((DEPLOY / "fly.toml").read_text())

    assert (DEPLOY / fly["build"]["dockerfile"]).exists()
    assert "/var/lib/antirelou" == fly["mounts"]["destination"]
    assert "SIGTERM" == fly["kill_signal"]
    assert ("off", 1) == (fly["http_service"]["auto_stop_machines"], fly["http_service"]["min_machines_running"])
    assert 8000 == fly["http_service"]["internal_port"]
    assert "/healthz" == fly["http_service"]["checks"][0]["path"]


def test_systemd_takes_the_unit_and_finds_it_confined(tmp_path):
    """The unit verifies without a word, and its exposure is below 2 on systemd's scale of 10."""
    need("systemd-analyze")
    unit = tmp_path / "antirelou.service"
    text = (DEPLOY / "antirelou.service").read_text()
    unit.write_text(text.replace("/opt/antirelou/bin/antirelou", "/bin/true"))

    assert "" == run("systemd-analyze", "verify", unit)
    run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", unit)


def test_systemd_tries_for_ever():
    """What the worker needs may come long after boot: starts that fail are neither counted nor made without a pause."""
    text = (DEPLOY / "antirelou.service").read_text()
    unit, service, _ = re.split(r"^\[(?:Service|Install)\]$", text, flags=re.MULTILINE)

    assert "\nStartLimitIntervalSec=0\n" in unit
    assert {"always", "5s"} == set(re.findall(r"^Restart(?:Sec)?=(.+)$", service, re.MULTILINE))


def test_the_dockerfile_asks_for_hashes_and_for_no_root():
    """What is kept stands on BASE, the compiler on an image of its own, every dependency is checked by its hash, and nothing runs as root."""
    text = (ROOT / "Dockerfile").read_text()

    assert ["${COMPILER}", "${BASE}", "${BASE}"] == re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert ["10001:10001"] == re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert "--chown=10001:0 /ledger/ /var/lib/" in text
    assert "chmod 0770 /ledger/antirelou" in text
    assert not re.findall(r"^ADD ", text, re.MULTILINE)


def test_the_image_is_made_of_what_it_needs_only():
    """The context of the build lets nothing in but the worker, its lock, its licence and what deploy/image makes."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert "*" == next(line for line in lines if not line.startswith("#"))
    assert {"LICENSE", "edge/", "tools/compile.py", "requirements/run.txt", "build/wheels/", "build/sbom.cdx.json"} == {
        line[1:] for line in lines if line.startswith("!")
    }


def test_the_bill_of_materials_follows_from_the_lock():
    """Made twice it is the same, and it names each locked package once, with its version and hashes."""
    first, again = run(DEPLOY / "sbom"), run(DEPLOY / "sbom")
    bill = json.loads(first)
    lock = (ROOT / "requirements" / "run.txt").read_text()

    assert first == again
    assert re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE) == [
        (part["name"], part["version"]) for part in bill["components"]
    ]
    assert lock.count("--hash=sha256:") == sum(len(part["hashes"]) for part in bill["components"])
    assert set(bill["dependencies"][0]["dependsOn"]) == {part["bom-ref"] for part in bill["components"]}


def test_the_build_script_is_a_script():
    """Bash reads it without a complaint."""
    assert "" == run("bash", "-n", DEPLOY / "image")
