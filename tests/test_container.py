"""The images and the pod of deploy/: each step of the Containerfile is run in a folder of its own, and what comes of it by a user who may not write there."""

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx
import pytest
import yaml

from kg.config import PROJECT
from tests import engines, proxies

HOME = "/opt/answerable"  # in the image of the server
TEXT = (proxies.DEPLOY / "Containerfile").read_text(encoding="utf-8")
IGNORED = re.findall(r"(?m)^\*\*/(\S+)$", (PROJECT / ".containerignore").read_text(encoding="utf-8"))
LEFT_OUT = shutil.ignore_patterns(*IGNORED)


def stages():
    """Read the instructions of each image, by its name."""
    images, steps = {}, []
    for instruction, rest in re.findall(r"(?m)^([A-Z]+) (.*)$", TEXT):
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            assert "${BASE}" == base
            steps = images[name] = []
        steps.append((instruction, rest))
    return images


STAGES = stages()


class Image:
    """What the steps of an image leave in a folder, but for packages of Debian, which this machine has or has not."""

    def __init__(self, name, folder):
        self.steps, self.folder = STAGES[name], folder
        self.env = {
            key: value for line in self.all("ENV") for key, value in (word.split("=", 1) for word in shlex.split(line))
        }
        for instruction, rest in self.steps:
            if instruction == "COPY":
                self._copy(*shlex.split(rest))
            elif instruction == "RUN" and not rest.startswith("apt-get "):
                # Without the environment of this test, whose Python is another.
                subprocess.run(["sh", "-ec", rest], cwd=folder, env={**os.environ, "PATH": "/usr/bin:/bin"}, check=True)

    def all(self, instruction):
        return [rest for name, rest in self.steps if name == instruction]

    def _copy(self, *paths):
        for source in map(PROJECT.joinpath, paths[:-1]):
            target = self.folder / (source.name if paths[-1] == "./" else paths[-1])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target, ignore=LEFT_OUT) if source.is_dir() else shutil.copy(source, target)

    def command(self, instruction):
        """Read the command of an instruction, with the folder in the place of that in the image."""
        (text,) = self.all(instruction)
        return [word.replace(HOME, str(self.folder)) for word in json.loads(text[text.index("[") :])]

    def as_user(self, command):
        """Put the user of the image before a command; who is not root has no other."""
        user, group = self.all("USER")[0].split(":")
        drop = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups"]
        return [*drop, *command] if os.geteuid() == 0 else command

    @contextlib.contextmanager
    def run(self, command, **env):
        """Run a command as the user of the image, until the block ends."""
        process = subprocess.Popen(self.as_user(command), cwd="/", env={"PATH": proxies.PATH, **self.env, **env})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def folder():
    """Make a folder that other users may read."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture(scope="module")
def image():
    """Take the steps of the server."""
    with folder() as path:
        yield Image("server", path)


@pytest.fixture(scope="module")
def port(image, world):
    """Run the server on a small release that it may only read; its port."""
    out, secret = image.folder / "var/releases", image.folder / "var/answer-secret"
    shutil.copytree(world.path, out / world.id)
    (out / "current").symlink_to(world.id)
    secret.write_text("0" * 64)
    port = engines.free_port()
    env = {"ANSWERABLE_OUT": str(out), "ANSWERABLE_ANSWER_SECRET": str(secret)}
    command = [*image.command("ENTRYPOINT"), *image.command("CMD"), "--port", str(port)]
    with image.run(command, **env) as process:
        engines.wait_for(f"http://127.0.0.1:{port}/health", process)
        yield port


def test_the_base_is_pinned_by_its_digest_and_no_image_runs_as_root():
    assert re.search(r"(?m)^ARG BASE=\S+@sha256:[0-9a-f]{64}$", TEXT)
    assert {"server", "proxy"} == {*STAGES}
    for steps in STAGES.values():
        (user,) = [rest for instruction, rest in steps if instruction == "USER"]
        assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)


def test_debian_has_the_packages():
    if not shutil.which("apt-get"):
        pytest.skip("there is no apt-get here")
    for name in re.findall(r"--no-install-recommends install ([\w -]+) &&", TEXT):
        done = subprocess.run(
            ["apt-get", "install", "--simulate", *name.split()], capture_output=True, text=True, check=False
        )
        if "Unable to locate" in done.stderr:
            pytest.skip("the lists of packages are not here; as root: apt-get update")
        assert 0 == done.returncode, done.stderr


def test_the_server_answers_without_a_right_to_write(image, port):
    before = {path: path.lstat().st_mtime_ns for path in image.folder.rglob("*")}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert "ok" == client.get("/health").json()["status"]
        assert client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"]
        assert 200 == client.get("/", headers={"Accept": "text/html"}).status_code
        assert 200 == client.get("/sparql", headers={"Accept": "text/html"}).status_code
    assert before == {path: path.lstat().st_mtime_ns for path in image.folder.rglob("*")}


def test_the_health_check_fails_where_no_server_answers(image, port):
    command = image.as_user(image.command("HEALTHCHECK")[:-1])
    codes = [
        subprocess.run([*command, str(number)], env={}, capture_output=True, check=False).returncode
        for number in (port, engines.free_port())
    ]
    assert 0 == codes[0] != codes[1]


def test_the_proxy_passes_what_the_server_answers(port):
    with folder() as path:
        proxy, front = Image("proxy", path), engines.free_port()
        program, *rest = proxy.command("ENTRYPOINT")
        config = str(path / "haproxy.cfg")
        command = [
            proxies.find(Path(program).name),
            *(config if word.endswith("/haproxy.cfg") else word for word in rest),
        ]
        with folder() as scratch:
            scratch.chmod(0o777)
            names = {"FRONT": f"127.0.0.1:{front}", "ADMIN": f"{scratch}/admin.sock", "ONE": f"127.0.0.1:{port}"}
            assert {"ANSWERABLE_FRONT"} == {*proxy.env}
            with proxy.run(command, **{f"ANSWERABLE_{name}": value for name, value in names.items()}) as process:
                engines.wait_for(f"http://127.0.0.1:{front}/health", process)
                assert "ok" == httpx.get(f"http://127.0.0.1:{front}/health").json()["status"]
                assert 404 == httpx.get(f"http://127.0.0.1:{front}/metrics").status_code


def test_the_pod_runs_the_images_closed_and_on_the_ports_of_the_proxy():
    spec = yaml.safe_load((proxies.DEPLOY / "pod.yaml").read_text(encoding="utf-8"))["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    containers = spec["initContainers"] + spec["containers"]
    for container in containers:
        assert container["image"].removeprefix("localhost/answerable-") in STAGES
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"]
        assert ["ALL"] == rights["capabilities"]["drop"] and container["resources"]["limits"]["memory"]
        assert {mount["name"] for mount in container["volumeMounts"]} <= {volume["name"] for volume in spec["volumes"]}
    servers = [container for container in spec["containers"] if container["image"].endswith("-server")]
    assert [["serve", "--port", str(port)] for port in proxies.PORTS] == [one["args"] for one in servers]
    (check,) = (rest for name, rest in STAGES["server"] if name == "HEALTHCHECK")
    for one in servers:
        command = one["livenessProbe"]["exec"]["command"]
        assert (json.loads(check[check.index("[") :])[:-1], one["args"][-1]) == (command[:-1], command[-1])
        mounted = {mount["mountPath"]: mount.get("readOnly", False) for mount in one["volumeMounts"]}
        assert mounted["/var/lib/answerable"] and "ANSWERABLE_OUT=/var/lib/answerable/releases " in TEXT
    assert one["livenessProbe"]["periodSeconds"]
