# SPDX-License-Identifier: MIT
"""The kit as an author has it: node, the npm packages, and projects made by `definition new`."""
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

KIT = Path(os.environ['EXTMGR_TEST_KIT'])
PROGRAM = os.environ['EXTMGR_PROGRAM']
NODE = shutil.which('node')
SKIPPED = 77
SECONDS = 120


def require():
    """Ends the program unless node and the packages are there: .ci/setup test fetches them."""
    if not NODE:
        print('node is not installed')
        sys.exit(SKIPPED)
    if not (KIT / 'node_modules/@swc/core').exists():
        print(f'the npm packages are not there: run .ci/setup test, or npm ci in {KIT.name}/')
        sys.exit(1 if 'CI' in os.environ else SKIPPED)


def run(*command, folder=KIT, check=True):
    done = subprocess.run([str(word) for word in command], cwd=folder, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f'{command}: exit {done.returncode}: {done.stdout}{done.stderr}')
    return done


def kit(*arguments, **options):
    return run(NODE, KIT / 'kit/main.mjs', *arguments, **options)


def build_examples(folder):
    """All definitions of the kit's own project, in ES5."""
    kit('build', '--out', folder)
    return Path(folder)


def make_project(folder, name):
    """A project as `npm install --save-dev KIT.tgz` leaves it, with what the packed kit consists of."""
    project = Path(folder) / name
    run(PROGRAM, 'definition', 'new', name, '--dir', project)
    modules = project / 'node_modules'
    modules.mkdir()
    packed = run('npm', 'pack', '--silent', '--pack-destination', folder).stdout.strip()
    with tarfile.open(Path(folder) / packed) as archive:
        archive.extractall(folder)
    shutil.move(Path(folder) / 'package', modules / 'extmgr-definition-kit')
    for package in (KIT / 'node_modules').iterdir():
        if not package.name.startswith('.'):
            (modules / package.name).symlink_to(package)
    return project
