# SPDX-License-Identifier: MIT
"""For authors of definitions: targets to install into, assertions, and two ready-made suites.

A target is a database that a test may change: ScenarioTarget plays an Exasol without any server,
DatabaseTarget is a real one, ServerTarget one behind `extmgr serve`. Suites for unittest and pytest are in extmgr_testkit.suites.
"""
from .assertions import TargetAssertions
from .database import DatabaseTarget
from .exasol import Exasol
from .scenario import ScenarioTarget
from .server import ServerTarget
from .target import OperationFailed, Target

__all__ = ['DatabaseTarget', 'Exasol', 'OperationFailed', 'ScenarioTarget', 'ServerTarget', 'Target',
           'TargetAssertions']
