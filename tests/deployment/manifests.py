"""What docker-compose.yml and the Kubernetes manifests say of each service, in one shape."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

yaml = pytest.importorskip("yaml", reason="needs the package pyyaml")

DEPLOY: Final = Path(__file__).parents[2] / "example_projects" / "microservices" / "deploy"
KUBERNETES: Final = DEPLOY / "kubernetes"
SERVICES: Final = ("redis", "accounts", "shipping", "inventory", "orders")  # in which order they can start
SECRETS: Final = "/run/secrets"


@dataclass(frozen=True)
class Service:
    """``secrets``: from the name of the file within to the file that ``provision.py`` makes; ``writable``: its folders.

    ``checks`` are commands; ``asked`` are what the kubelet asks by HTTPS instead: port and path.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    secrets: dict[str, str]
    writable: list[str]
    checks: list[list[str]]
    asked: list[tuple[int, str]]


@functools.cache
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def of_compose() -> list[Service]:
    return [_of_compose(name, compose()["services"][name]) for name in SERVICES]


@functools.cache
def documents() -> list[dict[str, Any]]:
    """Every object of every manifest that the kustomization names."""
    found = []
    for name in kustomization()["resources"]:
        found += list(yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8")))
    return found


@functools.cache
def kustomization() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    return read


def workloads() -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in documents() if each["kind"] in ("Deployment", "StatefulSet")}


def of_kubernetes() -> list[Service]:
    addresses = next(each["data"] for each in documents() if each["kind"] == "ConfigMap")
    return [_of_kubernetes(name, workloads()[name], addresses) for name in SERVICES]


def _of_compose(name: str, said: dict[str, Any]) -> Service:
    named = [{"source": each, "target": each} if isinstance(each, str) else each for each in said["secrets"]]
    kind, *check = said["healthcheck"]["test"]
    shell = [each.replace("$$", "$") for each in check]
    return Service(
        name,
        said["command"],
        {name: str(value) for name, value in said.get("environment", {}).items()},
        {each["target"]: Path(compose()["secrets"][each["source"]]["file"]).name for each in named},
        [each.rpartition(":")[2] for each in said.get("volumes", [])],
        [["sh", "-c", *shell] if kind == "CMD-SHELL" else shell],
        [],
    )


def _of_kubernetes(name: str, said: dict[str, Any], addresses: dict[str, str]) -> Service:
    (container,) = said["spec"]["template"]["spec"]["containers"]
    (generated,) = [each for each in kustomization()["secretGenerator"] if each["name"] == name]
    files = [each.partition("=") for each in generated["files"]]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    probes = [container[each] for each in ("readinessProbe", "livenessProbe", "startupProbe") if each in container]
    own = {each["name"]: each["value"] for each in container.get("env", [])}
    mounted = [each["mountPath"] for each in container["volumeMounts"]]
    return Service(
        name,
        container.get("command", []) + container["args"],
        {**(addresses if "envFrom" in container else {}), **own},
        {(target if source else Path(target).name): Path(source or target).name for target, _, source in files},
        [each for each in mounted if each not in (SECRETS, "/tmp")],
        [each["exec"]["command"] for each in probes if "exec" in each],
        [(ports[each["httpGet"]["port"]], each["httpGet"]["path"]) for each in probes if "httpGet" in each],
    )
