"""Does what the Dockerfile and docker-compose.yml say, without a container engine, as far as that goes.

    sudo .venv/bin/python tools/rehearse_image.py

Debian 12 with Python 3.11 stands for the base image. In mounts of its own it runs what COPY and RUN of the build stage
say, asks apt whether the packages of the final stage can be installed, and then runs the entry points as the
image's user, without any right, on a file system that is read-only but for /tmp and /data. Not rehearsed: layers,
networks, the engine itself. Build arguments are given as NAME=VALUE.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import dockerfile

ROOT = Path(__file__).parents[1]
UID = "10001"
PASSWORD = "rehearsal"
BASE_PYTHON = "/usr/bin/python3.11"
PLACES = ("/usr/local/bin", "/src", "/opt/passerelle", "/data", "/documents", "/run/secrets")

Step = dockerfile.Command


def main(arguments: list[str]) -> None:
    if os.environ.get("REHEARSING"):
        rehearse(Path(os.environ["REHEARSING"]), dict(argument.split("=", 1) for argument in arguments))
        return
    missing = [Path(place) for place in PLACES if not Path(place).exists()]
    (ROOT / "dist").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="image-", dir=ROOT / "dist") as work:
        for place in missing:
            place.mkdir(parents=True)
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, __file__, *arguments]
        done = subprocess.run(command, env={**os.environ, "REHEARSING": work}, check=False)
        for place in missing:
            place.rmdir()
    raise SystemExit(done.returncode)


def rehearse(work: Path, given: Mapping[str, str]) -> None:
    """In mounts of one's own, which are gone when this process ends."""
    steps = list(dockerfile.parse_file(str(ROOT / "Dockerfile")))
    second = next(number for number, step in enumerate(steps) if step.cmd == "FROM" and number)
    mount_places(work)
    build(steps[1:second], given)
    check_packages(steps[second:])
    copy_final(steps[second:])
    run_as_image(read_environment(steps[second:]))


def mount_places(work: Path) -> None:
    """Empty folders at the places of the image, seen by nobody else."""
    for place in PLACES:
        own = work / place.strip("/").replace("/", "-")
        own.mkdir()
        own.chmod(0o755)
        run("mount", "--bind", str(own), place)
    Path("/usr/local/bin/python").symlink_to(BASE_PYTHON)


def build(steps: Iterable[Step], given: Mapping[str, str]) -> None:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"}
    environment |= {name: os.environ[name] for name in ("PIP_FIND_LINKS", "PIP_CERT") if name in os.environ}
    for step in steps:
        if step.cmd in ("ARG", "ENV"):
            environment |= {name: given.get(name, value) for name, value in _read_pairs(step)}
        elif step.cmd == "COPY":
            copy(step, Path("/src"))
        elif step.cmd == "RUN":
            tell(" ".join(step.value[0].split())[:110])
            run("sh", "-c", step.value[0], env=environment, cwd="/src")


def _read_pairs(step: Step) -> list[tuple[str, str]]:
    """Of ARG one `NAME=VALUE`; of ENV names and values in turn."""
    if step.cmd == "ARG":
        name, _, value = step.value[0].partition("=")
        return [(name, value.strip('"'))]
    return list(zip(step.value[::2], step.value[1::2], strict=True))


def copy(step: Step, base: Path) -> None:
    *sources, target = step.value
    for source in sources:
        place = base / target
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("secrets"))
        else:
            shutil.copy(ROOT / source, place)


def check_packages(steps: Iterable[Step]) -> None:
    command = next(step.value[0] for step in steps if step.cmd == "RUN" and "apt-get install" in step.value[0])
    words = command.partition("--no-install-recommends")[2].partition("$EXTRA_PACKAGES")[0].split()
    run("apt-get", "install", "--simulate", "--quiet", "--no-install-recommends", *words, stdout=subprocess.DEVNULL)
    tell(f"apt would install {', '.join(words)}")


def copy_final(steps: Iterable[Step]) -> None:
    """What the final stage takes from the repository; what it takes from the build stage is there."""
    for step in steps:
        if step.cmd == "COPY" and not step.flags:
            copy(step, Path("/"))


def read_environment(steps: Iterable[Step]) -> dict[str, str]:
    pairs = [pair for step in steps if step.cmd == "ENV" for pair in _read_pairs(step)]
    return {name: value.replace("$PATH", "/usr/local/bin:/usr/bin:/bin") for name, value in pairs}


def run_as_image(environment: Mapping[str, str]) -> None:
    shutil.copytree(ROOT / "corpus", "/documents", dirs_exist_ok=True)
    Path("/run/secrets/passerelle_password").write_text(f"{PASSWORD}\n", "ascii")
    shutil.chown("/data", int(UID), int(UID))
    os.chdir("/data")
    # What is mounted below stays writable only where it is mounted anew.
    for place in ("/", "/opt/passerelle", "/documents", "/run/secrets"):
        run("mount", "--options", "remount,bind,ro", place)
    run("mount", "--types", "tmpfs", "--options", "mode=1777,size=2g", "tmpfs", "/tmp")
    known = {**environment, "PASSERELLE_SECRETS": "/run/secrets", "PASSERELLE_WATCH_POLL_S": "30"}
    confined = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs"]
    confined += [
        "--bounding-set=-all",
        "--inh-caps=-all",
        "env",
        "-i",
        *(f"{name}={value}" for name, value in known.items()),
    ]
    tell(f"as user {UID}, without rights, on a read-only file system:")
    refused = subprocess.run([*confined, "touch", "/opt/passerelle/x", "/etc/x"], capture_output=True, check=False)
    assert refused.returncode, "the file system is read-only"
    doctor = subprocess.run([*confined, "passerelle", "doctor"], capture_output=True, text=True, check=False)
    print(doctor.stdout)
    began = time.monotonic()
    with subprocess.Popen([*confined, "/opt/passerelle/deploy/one-container.sh", "/documents"]) as service:
        wait_until_healthy(confined, service)
        tell(f"healthy after {time.monotonic() - began:.0f} s")
        wait_until_indexed(confined, service)
        tell(f"the sample documents are indexed after {time.monotonic() - began:.0f} s")
        service.terminate()
    tell(f"stopped, exit status {service.returncode}")


def wait_until_healthy(confined: list[str], service: subprocess.Popen[bytes]) -> None:
    while subprocess.run([*confined, "python", "/opt/passerelle/deploy/healthy.py"], check=False).returncode:
        assert service.poll() is None, "the service ended"
        time.sleep(5)


def wait_until_indexed(confined: list[str], service: subprocess.Popen[bytes]) -> None:
    asked = [*confined, "passerelle", "search", "智能电网", "--lang", "fr"]
    while True:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and "corpus" not in answer.stderr and len(answer.stdout.splitlines()) > 5:
            print(answer.stdout[:600])
            return
        assert service.poll() is None, "the service ended"
        time.sleep(5)


def run(*command: str, env: Mapping[str, str] | None = None, cwd: str | None = None, stdout: int | None = None) -> None:
    subprocess.run(command, env=env, cwd=cwd, stdout=stdout, check=True)


def tell(sentence: str) -> None:
    print(f"rehearsal: {sentence}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
