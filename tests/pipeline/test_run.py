from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from satverify.config import read_project
from satverify.domain.evidence import SiteTask
from satverify.errors import RetrievalError
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.run import WORTH_A_CLUSTER, Failure, Outcome, Workers, verify_sites
from satverify.progress import Silent
from tests.pipeline import standin

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[SiteTask]:
    project = read_project(standin.write_project(tmp_path_factory.mktemp("project"), sites=5))
    return list(site_tasks(read_inputs(project, Silent()), project.timezone, project.days))


def sorted_outcomes(outcomes: Iterator[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: outcome.site_id)
